"""Consent: checks of an avatar's record, and withdrawals of faces, which are then neither rendered nor shown.

A face is known by its portrait's digest. Withdrawals are rows of the audit log, which nobody can change.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.audit import SYSTEM, Act, AuditLog
from app.catalog.model import Avatar
from app.digest import Digest, digest_json
from app.errors import ConsentMissingError
from app.store.ports import Entry, RecipeIndex

WITHDRAWN, RESTORED = "consent.withdrawn", "consent.restored"


def withdrawal(face: Digest, *, by: str, at: datetime, restored: bool = False) -> Act:
    """Return the audit row for a face: consent was withdrawn, or given again. It holds no name."""
    return Act(at, by, RESTORED if restored else WITHDRAWN, f"face {face}")


async def withdrawn_faces(audit: AuditLog) -> Mapping[str, datetime]:
    """Return the digests of the portraits whose consent is withdrawn now, and the times of withdrawal."""
    last = [row.act for row in await audit.newest(actions=(WITHDRAWN, RESTORED))]
    return {act.subject.removeprefix("face "): act.at for act in last if act.action == WITHDRAWN}


@dataclass(frozen=True, slots=True)
class ConsentedRecipes:
    """Recipe index without clips of withdrawn faces: it neither returns nor stores them."""

    recipes: RecipeIndex
    withdrawn: Callable[[], Collection[str]]

    async def put(self, entry: Entry) -> None:
        """Write an entry.

        Raises:
            ConsentMissingError: consent was withdrawn during the render.
            StoreError: from the index.
        """
        if self._is_withdrawn(entry):
            raise ConsentMissingError("The consent for this face was withdrawn while its clip was rendered.")
        await self.recipes.put(entry)

    async def get(self, key: Digest) -> Entry | None:
        """Return the entry; None also if it must not be shown."""
        entry = await self.recipes.get(key)
        return None if entry is not None and self._is_withdrawn(entry) else entry

    async def add_facts(self, key: Digest, facts: Mapping[str, Any]) -> None:
        """Add media facts to an entry."""
        await self.recipes.add_facts(key, facts)

    async def delete(self, key: Digest) -> None:
        """Delete an entry."""
        await self.recipes.delete(key)

    def scan(self) -> AsyncIterator[Entry]:
        """Yield every entry, withdrawn faces too."""
        return self.recipes.scan()

    async def quarantined(self) -> tuple[str, ...]:
        """Return the names of quarantined entries."""
        return await self.recipes.quarantined()

    def _is_withdrawn(self, entry: Entry) -> bool:
        return entry.recipe.get("portrait") in self.withdrawn()


@dataclass(frozen=True, slots=True)
class ConsentCheck:
    """Checks consent, and writes first uses and daily refusals of a record to the audit log.

    The log holds the record's digest instead of the person's name, because nothing is ever deleted from it.
    """

    audit: AuditLog
    clock: Callable[[], datetime]
    _written: set[tuple[str, ...]] = field(default_factory=set, init=False, repr=False)

    async def check(self, avatar: Avatar, *, locale: str, renderer: str) -> None:
        """Check consent; the audit row is written before the first byte leaves this computer.

        Raises:
            ConsentMissingError: see `check_consent`; or the consent for this face was withdrawn.
        """
        today = self.clock().date()
        try:
            check_consent(avatar, locale=locale, today=today)
            await self._check_withdrawal(avatar)
        except ConsentMissingError as error:
            await self._write_once(
                "consent.refused", avatar, {"day": str(today), "locale": locale, "reason": str(error)}
            )
            raise
        record = digest_json(avatar.consent.model_dump(mode="json")) if avatar.consent else ""
        kind = avatar.consent.kind if avatar.consent else ""
        used = {"record": record, "kind": kind, "locale": locale, "renderer": renderer}
        await self._write_once("consent.used", avatar, used)

    async def _check_withdrawal(self, avatar: Avatar) -> None:
        since = (await withdrawn_faces(self.audit)).get(avatar.portrait_digest)
        if since is not None:
            raise ConsentMissingError(
                f"The consent for the face of avatar `{avatar.id}` was withdrawn on {since:%Y-%m-%d}; use another one."
            )

    async def _write_once(self, action: str, avatar: Avatar, details: dict[str, str]) -> None:
        row = (action, avatar.id, *details.values())
        if row not in self._written:
            await self.audit.append(Act(self.clock(), SYSTEM, action, f"avatar {avatar.id}", details), once=True)
            self._written.add(row)


def check_consent(avatar: Avatar, *, locale: str, today: date) -> None:
    """Check that the avatar's consent record covers this locale today; an empty list of locales covers all.

    A record for `de` covers `de-AT` too. A clip without words, such as the idle loop, has the locale "", and is
    covered by any record.

    Raises:
        ConsentMissingError: the record is missing or over, lacks evidence, or is for other locales.
    """
    consent = avatar.consent
    if consent is None:
        raise ConsentMissingError(f"Avatar `{avatar.id}` has no `consent` record; say whose face and voice it is.")
    if consent.until is not None and today > consent.until:
        raise ConsentMissingError(f"The consent for avatar `{avatar.id}` ended on {consent.until}; renew it.")
    if consent.kind == "person" and not consent.evidence:
        raise ConsentMissingError(f"The consent for avatar `{avatar.id}` names no evidence file; add `evidence`.")
    if locale and consent.locales and not any(_within(locale, allowed) for allowed in consent.locales):
        covered = ", ".join(consent.locales)
        raise ConsentMissingError(f"The consent for avatar `{avatar.id}` covers {covered}, not {locale!r}; extend it.")


def covers(avatar: Avatar, *, locale: str, today: date) -> bool:
    """Return whether a stored clip of this face may be shown in this locale today."""
    try:
        check_consent(avatar, locale=locale, today=today)
    except ConsentMissingError:
        return False
    return True


def _within(locale: str, allowed: str) -> bool:
    return locale.lower() == allowed.lower() or locale.lower().startswith(f"{allowed.lower()}-")
