"""Whether a face and a voice may be used: looked at before any byte of them leaves this machine."""

from datetime import date

from app.catalog.model import Avatar
from app.errors import ConsentMissingError


def check_consent(avatar: Avatar, *, locale: str, today: date) -> None:
    """See that the avatar's consent record covers this locale today; an empty list of locales covers all.

    A record for `de` covers `de-AT` too.

    Raises:
        ConsentMissingError: there is no record, it has run out, it lacks evidence, or it is for other locales.
    """
    consent = avatar.consent
    if consent is None:
        raise ConsentMissingError(f"Avatar `{avatar.id}` has no `consent` record; say whose face and voice it is.")
    if consent.until is not None and today > consent.until:
        raise ConsentMissingError(f"The consent for avatar `{avatar.id}` ended on {consent.until}; renew it.")
    if consent.kind == "person" and not consent.evidence:
        raise ConsentMissingError(f"The consent for avatar `{avatar.id}` names no evidence file; add `evidence`.")
    if consent.locales and not any(_within(locale, allowed) for allowed in consent.locales):
        covered = ", ".join(consent.locales)
        raise ConsentMissingError(f"The consent for avatar `{avatar.id}` covers {covered}, not {locale!r}; extend it.")


def _within(locale: str, allowed: str) -> bool:
    return locale.lower() == allowed.lower() or locale.lower().startswith(f"{allowed.lower()}-")
