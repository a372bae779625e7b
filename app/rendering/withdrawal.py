"""Consent that was taken back: a face, by its portrait's digest, is neither filmed nor shown from then on.

The audit log is where it stands: rows that nobody can change say since when, and whether it was given again.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.catalog.audit import Act, AuditLog
from app.digest import Digest
from app.errors import ConsentMissingError
from app.store.ports import Entry, RecipeIndex

WITHDRAWN, RESTORED = "consent.withdrawn", "consent.restored"

_ALL = 1_000_000


def withdrawal(face: Digest, *, by: str, at: datetime, restored: bool = False) -> Act:
    """The row for a face: consent was withdrawn, or given again. No name is in it."""
    return Act(at, by, RESTORED if restored else WITHDRAWN, f"face {face}")


async def withdrawn_faces(audit: AuditLog) -> Mapping[str, datetime]:
    """The digests of the portraits whose consent is withdrawn now, and since when."""
    last: dict[str, Act] = {}
    for row in reversed(await audit.list(actions=(WITHDRAWN, RESTORED), limit=_ALL)):
        last[row.act.subject.removeprefix("face ")] = row.act
    return {face: act.at for face, act in last.items() if act.action == WITHDRAWN}


@dataclass(frozen=True, slots=True)
class StandingRecipes:
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
