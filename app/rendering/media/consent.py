"""Consent that was taken back: a face, by its portrait's digest, is neither filmed nor shown from then on.

The audit log is where it stands: rows that nobody can change say since when, and whether it was given again.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from app.audit import SYSTEM, Act, AuditLog
from app.catalog.model import Avatar
from app.digest import Digest, digest_json
from app.errors import ConsentMissingError
from app.store.ports import Entry, RecipeIndex

WITHDRAWN, RESTORED = "consent.withdrawn", "consent.restored"


def withdrawal(face: Digest, *, by: str, at: datetime, restored: bool = False) -> Act:
    """The row for a face: consent was withdrawn, or given again. No name is in it."""
    return Act(at, by, RESTORED if restored else WITHDRAWN, f"face {face}")


async def withdrawn_faces(audit: AuditLog) -> Mapping[str, datetime]:
    """The digests of the portraits whose consent is withdrawn now, and since when."""
    last = [row.act for row in await audit.newest(actions=(WITHDRAWN, RESTORED))]
    return {act.subject.removeprefix("face "): act.at for act in last if act.action == WITHDRAWN}


@dataclass(frozen=True, slots=True)
class ConsentedRecipes:
    """A recipe index that neither gives out nor takes in clips of faces that must not be shown."""

    recipes: RecipeIndex
    withdrawn: Callable[[], Collection[str]]

    async def put(self, entry: Entry) -> None:
        """Write an entry.

        Raises:
            ConsentMissingError: consent was withdrawn while it was filmed.
            StoreError: as the index says.
        """
        if self._is_withdrawn(entry):
            raise ConsentMissingError("The consent for this face was withdrawn while the clip was filmed.")
        await self.recipes.put(entry)

    async def get(self, key: Digest) -> Entry | None:
        """The entry; None also when it must not be shown."""
        entry = await self.recipes.get(key)
        return None if entry is not None and self._is_withdrawn(entry) else entry

    async def delete(self, key: Digest) -> None:
        """Forget an entry."""
        await self.recipes.delete(key)

    def scan(self) -> AsyncIterator[Entry]:
        """Every entry."""
        return self.recipes.scan()

    async def quarantined(self) -> tuple[str, ...]:
        """What was put aside."""
        return await self.recipes.quarantined()

    def _is_withdrawn(self, entry: Entry) -> bool:
        return entry.recipe.get("portrait") in self.withdrawn()


@dataclass(frozen=True, slots=True)
class ConsentCheck:
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
