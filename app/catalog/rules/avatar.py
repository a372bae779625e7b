"""Rules about the avatar: consent, disclosure, voices, and a portrait that can be animated."""

from collections.abc import Iterator
from datetime import timedelta

from app.catalog.findings import Finding
from app.catalog.rules.context import Context, error, warning
from app.catalog.terms import Consent
from app.catalog.voice_table import nearest_locale

_SOON = timedelta(days=30)


def consent(context: Context) -> Iterator[Finding]:
    """Consent that is missing, incomplete, ended or too narrow."""
    avatar = context.catalog.avatar
    record = avatar.consent
    if record is None:
        message = "Expected a consent record, got none."
        hint = "Add `consent: {subject: ..., kind: synthetic}`, or `kind: person` with evidence and scope."
        yield error("consent-missing", context.places.avatar(avatar.id), message, hint)
        return
    yield from _personal(context, record)
    yield from _running(context, record)
    covered = record.locales or context.catalog.locales
    lacking = [locale for locale in context.catalog.locales if nearest_locale(locale, covered) is None]
    if lacking:
        place = context.places.avatar(avatar.id, "consent", "locales")
        message = f"Expected consent for every locale of the catalog, got none for {', '.join(lacking)}."
        yield error("consent-locales", place, message, "Ask for it, or remove the locale from catalog.yaml.")


def disclosure(context: Context) -> Iterator[Finding]:
    """A presenter without a sentence that it is generated; the European AI Act, article 50, requires one."""
    catalog = context.catalog
    lacking = [locale for locale in catalog.locales if not catalog.avatar.disclosure.get(locale, "").strip()]
    if lacking:
        place = context.places.avatar(catalog.avatar.id, "disclosure")
        message = f"Expected a `disclosure` that the presenter is generated, got none for {', '.join(lacking)}."
        yield warning("disclosure-missing", place, message, "Add one sentence per locale.")


def voices(context: Context) -> Iterator[Finding]:
    """Voices for locales that the catalog does not serve."""
    avatar, served = context.catalog.avatar, context.catalog.locales
    for locale in avatar.voices if isinstance(avatar.voice, dict) else ():
        if not any(nearest_locale(one, (locale,)) for one in served):
            message = f"Expected a voice for a locale of the catalog ({', '.join(served)}), got `{locale}`."
            hint = f"Add `{locale}` to `locales` in catalog.yaml if it is to be served, or remove it here."
            yield warning("locale-unserved", context.places.avatar(avatar.id, "voice", locale), message, hint)


def portrait(context: Context) -> Iterator[Finding]:
    """A portrait that is too small, or that has the problems found by its inspection."""
    inspection = context.measured.portrait
    if inspection is None:
        return
    avatar = context.catalog.avatar
    place = context.places.avatar(avatar.id, "portrait")
    least = context.measured.min_portrait_px
    if min(inspection.width, inspection.height) < least:
        size = f"{inspection.width}x{inspection.height}"
        message = f"Expected a portrait of at least {least}x{least}, got {size} in `{avatar.portrait}`."
        yield error("portrait-small", place, message, "Take a larger picture; do not enlarge this one.")
    for problem in inspection.problems:
        yield Finding(problem.level, problem.rule, place.file, place.line, problem.message, problem.hint)


def _personal(context: Context, record: Consent) -> Iterator[Finding]:
    if record.kind != "person":
        return
    place = context.places.avatar(context.catalog.avatar.id, "consent")
    for name, value, hint in (
        ("evidence", record.evidence, "Put the signed paper beside the avatar and name it."),
        ("scope", record.scope, "Say what the person agreed to."),
    ):
        if not value:
            message = f"Expected `{name}` for the consent of a living person, got none."
            yield error(f"consent-{name}", place, message, hint)


def _running(context: Context, record: Consent) -> Iterator[Finding]:
    if record.until is None:
        return
    place = context.places.avatar(context.catalog.avatar.id, "consent", "until")
    if record.until < context.today:
        message = f"Expected consent that is still given, got `until: {record.until}`."
        yield error("consent-expired", place, message, f"Ask {record.subject} again.")
    elif record.until - context.today <= _SOON:
        message = f"Expected consent for more than {_SOON.days} days, got `until: {record.until}`."
        yield warning("consent-ends", place, message, f"Ask {record.subject} again.")
