"""Verdict on a catalog's folder: what `check` calls an error, no command plans, films, serves or publishes."""

from app.adapters.catalog_files.loader import catalog_error
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
