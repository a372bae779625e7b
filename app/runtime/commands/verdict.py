"""Verdict on a catalog's folder: what `check` calls an error, no command plans, films or publishes.

What is served besides may be older than the day's rules: a site that restarts goes on with the clips that it has.
"""

from app.adapters.catalog_files.loader import catalog_error
from app.catalog.findings import Finding, Level
from app.runtime.commands.check import Checked, check_catalog
from app.runtime.settings.site import Settings


def judged(settings: Settings) -> Checked:
    """Check the folder as `greenroom check` does, and return what was found besides errors. Blocking.

    Phrases are not compared: that finds no errors, and takes the encoder.

    Raises:
        CatalogError: `check` finds an error; the message quotes the first ones.
    """
    checked = check_catalog(settings, phrases=False)
    if not checked.ok:
        raise catalog_error(settings.catalog, checked.findings)
    return checked


def accepted(settings: Settings) -> Settings:
    """Return the settings of a site whose folder has no error. Blocking.

    A site that serves releases judged each when it was published.

    Raises:
        CatalogError: as `judged`.
    """
    if settings.serve == "folder":
        judged(settings)
    return settings


_FILMING = ("consent-", "portrait-", "speech-locale", "voice-unknown", "answer-long")
"""Beginnings of the rules about what is filmed, and when: without a clip, an answer is given in words."""


def servable(settings: Settings) -> tuple[Finding, ...]:
    """Check a site's folder, and return the errors that keep it from being filmed, but not from being served. Blocking.

    A day on which a consent ends must not keep a site that ran the day before from starting again.

    Raises:
        CatalogError: the folder has another error; the message quotes the first ones.
    """
    if settings.serve != "folder":
        return ()
    checked = check_catalog(settings, phrases=False)
    errors = tuple(one for one in checked.findings if one.level is Level.ERROR)
    if checked.catalog is None or not all(one.rule.startswith(_FILMING) for one in errors):
        raise catalog_error(settings.catalog, errors)
    return errors
