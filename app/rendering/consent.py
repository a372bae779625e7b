"""Whether a face and a voice may be used: looked at before any byte of them leaves this machine."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from app.catalog.audit import SYSTEM, Act, AuditLog
from app.catalog.model import Avatar
from app.digest import digest_json
from app.errors import ConsentMissingError
from app.rendering.withdrawal import withdrawn_faces


@dataclass(frozen=True, slots=True)
class ConsentDesk:
    """Looks, and lets the audit log know which record was used for what first, and what was refused, once a day.

    The person's name stays out of a log that nothing is ever deleted from: the record's digest stands for it.
    """

    audit: AuditLog
    clock: Callable[[], datetime]
    _told: set[tuple[str, ...]] = field(default_factory=set, init=False, repr=False)

    async def check(self, avatar: Avatar, *, locale: str, renderer: str) -> None:
        """See that it may be done; the row is there before the first byte leaves.

        Raises:
            ConsentMissingError: as `check_consent` says, or the consent for this face was withdrawn.
        """
        today = self.clock().date()
        try:
            check_consent(avatar, locale=locale, today=today)
            await self._check_withdrawal(avatar)
        except ConsentMissingError as error:
            await self._tell("consent.refused", avatar, {"day": str(today), "locale": locale, "reason": str(error)})
            raise
        record = digest_json(avatar.consent.model_dump(mode="json")) if avatar.consent else ""
        kind = avatar.consent.kind if avatar.consent else ""
        used = {"record": record, "kind": kind, "locale": locale, "renderer": renderer}
        await self._tell("consent.used", avatar, used)

    async def _check_withdrawal(self, avatar: Avatar) -> None:
        since = (await withdrawn_faces(self.audit)).get(avatar.portrait_digest)
        if since is not None:
            raise ConsentMissingError(
                f"The consent for the face of avatar `{avatar.id}` was withdrawn on {since:%Y-%m-%d}; use another one."
            )

    async def _tell(self, action: str, avatar: Avatar, details: dict[str, str]) -> None:
        words = (action, avatar.id, *details.values())
        if words not in self._told:
            await self.audit.append(Act(self.clock(), SYSTEM, action, f"avatar {avatar.id}", details), once=True)
            self._told.add(words)


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
