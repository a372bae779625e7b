"""Releases: published catalogs, numbered, stored for ever; exactly one of them is current."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from app.author_errors import ReleaseConflictError, ReleaseNotFoundError
from app.digest import Digest

Deed = Literal["published", "used again"]

_PAGE = 500


@dataclass(frozen=True, slots=True)
class ReleaseDraft:
    """Catalog to be published.

    `pack` is its folder as bytes; `keys` are the recipe keys of all its clips. The store holds them as long
    as the release.
    """

    catalog: Digest
    name: str
    intents: int
    keys: tuple[Digest, ...]
    pack: bytes
    note: str = ""


@dataclass(frozen=True, slots=True)
class PublishedRelease:
    """Published catalog without its bytes; `catalog` is the digest of the content."""

    number: int
    catalog: Digest
    name: str
    intents: int
    note: str
    published_at: datetime
    published_by: str

    @property
    def label(self) -> str:
        """Return the name of the release in receipts."""
        return f"{self.number}-{self.catalog[:12]}"


@dataclass(frozen=True, slots=True)
class CurrentRelease:
    """Current release with the time and author of the change; `step` counts all such changes."""

    step: int
    release: PublishedRelease
    deed: Deed
    at: datetime
    by: str


class Releases(Protocol):
    """Store of releases.

    Publishing and going back are one transaction each: all see the old or the new one.
    """

    async def publish(self, draft: ReleaseDraft, *, by: str, at: datetime, after: int) -> CurrentRelease:
        """Store the next release and make it current; `after` is the last step the caller has seen (0: none).

        Raises:
            ReleaseConflictError: another change came in between; nothing is published.
        """
        ...

    async def use(self, number: int, *, by: str, at: datetime, after: int) -> CurrentRelease:
        """Make a stored release current.

        Raises:
            ReleaseNotFoundError: there is no such release.
            ReleaseConflictError: another change came in between.
        """
        ...

    async def current(self) -> CurrentRelease | None:
        """Return the release that nodes are to serve; None before the first one."""
        ...

    async def get(self, number: int) -> PublishedRelease:
        """Return one release.

        Raises:
            ReleaseNotFoundError: there is no such release.
        """
        ...

    async def pack(self, number: int) -> bytes:
        """Return its folder as it was published.

        Raises:
            ReleaseNotFoundError: there is no such release.
        """
        ...

    async def list(self, *, limit: int, offset: int = 0, before: int | None = None) -> tuple[PublishedRelease, ...]:
        """Return releases, the newest first; `before`: only those with a lower number than this."""
        ...

    async def steps(self, *, limit: int, offset: int = 0, before: int | None = None) -> tuple[CurrentRelease, ...]:
        """Return the changes of the current release, the newest first; `before`.

        Only steps before this one.
        """
        ...

    async def pinned(self) -> frozenset[Digest]:
        """Return the recipe keys of every release: what the store must not delete."""
        ...


async def every_release(releases: Releases) -> AsyncIterator[PublishedRelease]:
    """Yield all releases, the newest first, read a page at a time."""
    page = await releases.list(limit=_PAGE)
    while page:
        for release in page:
            yield release
        page = await releases.list(limit=_PAGE, before=page[-1].number)


async def every_step(releases: Releases) -> AsyncIterator[CurrentRelease]:
    """Yield all steps, the newest first, read a page at a time."""
    page = await releases.steps(limit=_PAGE)
    while page:
        for step in page:
            yield step
        page = await releases.steps(limit=_PAGE, before=page[-1].step)


def missing_release(number: int) -> ReleaseNotFoundError:
    """Return the error for an unknown number."""
    return ReleaseNotFoundError(f"Expected the number of a release, got {number}; `greenroom release list` shows them.")


def conflict(after: int) -> ReleaseConflictError:
    """Return the error for a change that came in between."""
    return ReleaseConflictError(
        f"Expected change {after} to be the newest, but somebody published or went back meanwhile; look again."
    )


class MemoryReleases:
    """In-memory releases, for tests."""

    def __init__(self) -> None:
        self._releases: list[tuple[PublishedRelease, ReleaseDraft]] = []
        self._steps: list[CurrentRelease] = []

    async def publish(self, draft: ReleaseDraft, *, by: str, at: datetime, after: int) -> CurrentRelease:
        """Append the release and its step."""
        self._check(after)
        number = len(self._releases) + 1
        release = PublishedRelease(number, draft.catalog, draft.name, draft.intents, draft.note, at, by)
        self._releases.append((release, draft))
        return self._step(release, "published", at, by)

    async def use(self, number: int, *, by: str, at: datetime, after: int) -> CurrentRelease:
        """Append a step."""
        release = await self.get(number)
        self._check(after)
        return self._step(release, "used again", at, by)

    async def current(self) -> CurrentRelease | None:
        """Return the last step."""
        return self._steps[-1] if self._steps else None

    async def get(self, number: int) -> PublishedRelease:
        """Return the release with this number."""
        return self._found(number)[0]

    async def pack(self, number: int) -> bytes:
        """Return the folder of the release."""
        return self._found(number)[1].pack

    async def list(self, *, limit: int, offset: int = 0, before: int | None = None) -> tuple[PublishedRelease, ...]:
        """Return releases from the end; a release's number is its place."""
        older = self._releases if before is None else self._releases[: max(0, before - 1)]
        return tuple(release for release, _ in reversed(older))[offset : offset + limit]

    async def steps(self, *, limit: int, offset: int = 0, before: int | None = None) -> tuple[CurrentRelease, ...]:
        """Return steps from the end; a step's number is its place."""
        older = self._steps if before is None else self._steps[: max(0, before - 1)]
        return tuple(reversed(older))[offset : offset + limit]

    async def pinned(self) -> frozenset[Digest]:
        """Return the keys of all releases."""
        return frozenset(key for _, draft in self._releases for key in draft.keys)

    def _found(self, number: int) -> tuple[PublishedRelease, ReleaseDraft]:
        if not 1 <= number <= len(self._releases):
            raise missing_release(number)
        return self._releases[number - 1]

    def _check(self, after: int) -> None:
        if after != len(self._steps):
            raise conflict(after)

    def _step(self, release: PublishedRelease, deed: Deed, at: datetime, by: str) -> CurrentRelease:
        current = CurrentRelease(len(self._steps) + 1, release, deed, at, by)
        self._steps.append(current)
        return current
