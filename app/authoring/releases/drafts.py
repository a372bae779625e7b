"""Drafts: named catalogs that are not served yet, and wait for a person, an approval or a time."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

from app.author_errors import DraftConflictError, DraftNotFoundError, ReviewMissingError
from app.catalog.releases import CurrentRelease, MemoryReleases, ReleaseDraft
from app.digest import Digest

DraftState = Literal["open", "published"]

DRAFT_NAME = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""Pattern of a draft's name: lower-case letters and digits in words joined by hyphens, up to 64."""

DraftDeed = Literal["saved", "approved", "scheduled", "unscheduled", "dropped", "failed"]


@dataclass(frozen=True, slots=True)
class Draft:
    """Named catalog that waits.

    `revision` counts all changes of it: whoever changes it says which one they saw. `base` is the release that it
    was made from (0: none). At `publish_at` one node publishes it; `release` is what became of it, `failure` why it
    could not be published when its time had come: that is tried again.
    """

    name: str
    revision: int
    catalog: Digest
    title: str
    intents: int
    message: str
    base: int
    made_by: str
    made_at: datetime
    missing: int = 0
    """Clips that were not rendered when it was saved."""
    allow_missing: bool = False
    """They need not be rendered when it is published."""
    approved_by: str | None = None
    approved_at: datetime | None = None
    publish_at: datetime | None = None
    scheduled_by: str | None = None
    state: DraftState = "open"
    release: int | None = None
    failure: str = ""

    def is_due(self, now: datetime) -> bool:
        """Return whether its time has come."""
        return self.state == "open" and self.publish_at is not None and self.publish_at <= now


@dataclass(frozen=True, slots=True)
class DraftContent:
    """Content of a draft, as a release would hold it, and what is told about it."""

    release: ReleaseDraft
    base: int
    missing: int
    allow_missing: bool = False


class Drafts(Protocol):
    """Store of drafts. Each change is one transaction, with its row in the audit log."""

    async def save(self, name: str, content: DraftContent, *, by: str, at: datetime, seen: int) -> Draft:
        """Store a draft under a name; `seen` is the revision that the caller knows (0: it is new).

        What was approved or scheduled before is so no more: the content is another.

        Raises:
            DraftConflictError: it has another revision.
        """
        ...

    async def get(self, name: str) -> Draft:
        """Return a draft.

        Raises:
            DraftNotFoundError: there is none of this name.
        """
        ...

    async def content(self, name: str) -> ReleaseDraft:
        """Return the content of a draft.

        Raises:
            DraftNotFoundError: there is none of this name.
        """
        ...

    async def list(self) -> tuple[Draft, ...]:
        """Return all drafts: the open ones first, by name; then the others, the newest first."""
        ...

    async def due(self, now: datetime) -> tuple[Draft, ...]:
        """Return the open drafts whose time has come, the longest waiting first."""
        ...

    async def put(self, draft: Draft, deed: DraftDeed, *, by: str, at: datetime) -> Draft:
        """Store a changed draft as its next revision; its own revision is the one that was seen.

        Raises:
            DraftConflictError: it has another revision; DraftNotFoundError: it is gone.
        """
        ...

    async def drop(self, name: str, *, by: str, at: datetime, seen: int) -> None:
        """Delete a draft.

        Raises:
            DraftConflictError: it has another revision; DraftNotFoundError: it is gone.
        """
        ...

    async def publish(self, draft: Draft, *, by: str, at: datetime, after: int) -> CurrentRelease:
        """Publish a draft and note that in it, both or neither: of many who try, one does.

        Raises:
            DraftConflictError: it has another revision, or is published; ReleaseConflictError: another release
                came in between.
        """
        ...

    async def pinned(self) -> frozenset[Digest]:
        """Return the recipe keys of the open drafts: what the store must not delete."""
        ...


def saved_draft(name: str, content: DraftContent, *, by: str, at: datetime, revision: int) -> Draft:
    """Return a draft as it is saved."""
    one = content.release
    head = (name, revision, one.catalog, one.name, one.intents, one.note, content.base)
    return Draft(*head, made_by=by, made_at=at, missing=content.missing, allow_missing=content.allow_missing)


def approved(draft: Draft, *, by: str, at: datetime) -> Draft:
    """Return a draft as approved.

    Raises:
        DraftConflictError: it is not open.
        ReviewMissingError: whoever made it cannot approve it.
    """
    only_open(draft)
    if person(by) == person(draft.made_by):
        raise ReviewMissingError(
            f"Expected somebody else than {draft.made_by} to approve draft `{draft.name}`, got the same; ask a second "
            "person, with a key or an account of their own."
        )
    return replace(draft, approved_by=by, approved_at=at)


def only_open(draft: Draft) -> Draft:
    """Return an open draft.

    Raises:
        DraftConflictError: it is published.
    """
    if draft.state == "published":
        raise DraftConflictError(
            f"Expected an open draft, got `{draft.name}`, which is release {draft.release}; save a new one."
        )
    return draft


def only_reviewed(draft: Draft, *, review: bool) -> Draft:
    """Return an open draft that may be published: approved, where the site asks for that.

    Raises:
        ReviewMissingError: nobody approved it.
    """
    if review and draft.approved_by is None:
        raise ReviewMissingError(
            f"Expected draft `{draft.name}` to be approved by a second person, got no approval; ask for it with "
            f"`greenroom release approve {draft.name}`."
        )
    return only_open(draft)


def person(actor: str) -> str:
    """Return who stands behind a name in the audit log: the key or the account, without role or added name."""
    if actor.startswith(("key ", "this computer", "api key")):
        return actor.partition(" (")[0]
    return actor.rpartition(" (")[2].removesuffix(")")


def missing_draft(name: str) -> DraftNotFoundError:
    """Return the error for an unknown name."""
    return DraftNotFoundError(
        f"Expected the name of a draft, got {name[:80]!r}; `greenroom release drafts` lists them."
    )


def draft_conflict(name: str, seen: int) -> DraftConflictError:
    """Return the error for a draft that somebody changed in between."""
    known = f"revision {seen} of draft `{name}`" if seen else f"no draft `{name}` yet"
    return DraftConflictError(f"Expected {known} to be the newest, but somebody changed it meanwhile; look again.")


class MemoryDrafts:
    """In-memory drafts, for tests, over releases in memory."""

    def __init__(self, releases: MemoryReleases) -> None:
        self._releases = releases
        self._drafts: dict[str, tuple[Draft, ReleaseDraft]] = {}

    async def save(self, name: str, content: DraftContent, *, by: str, at: datetime, seen: int) -> Draft:
        """Replace the draft."""
        known = self._drafts.get(name)
        if seen != (known[0].revision if known else 0):
            raise draft_conflict(name, seen)
        draft = saved_draft(name, content, by=by, at=at, revision=seen + 1)
        self._drafts[name] = draft, content.release
        return draft

    async def get(self, name: str) -> Draft:
        """Look the draft up."""
        return self._found(name)[0]

    async def content(self, name: str) -> ReleaseDraft:
        """Look its content up."""
        return self._found(name)[1]

    async def list(self) -> tuple[Draft, ...]:
        """Sort all drafts."""
        drafts = [draft for draft, _ in self._drafts.values()]
        done = sorted((one for one in drafts if one.state == "published"), key=lambda one: one.made_at, reverse=True)
        return (*sorted((one for one in drafts if one.state != "published"), key=lambda one: one.name), *done)

    async def due(self, now: datetime) -> tuple[Draft, ...]:
        """Filter the drafts."""
        due = [draft for draft, _ in self._drafts.values() if draft.is_due(now)]
        return tuple(sorted(due, key=lambda one: (one.publish_at or now, one.name)))

    async def put(self, draft: Draft, deed: DraftDeed, *, by: str, at: datetime) -> Draft:
        """Replace the draft."""
        del deed, by, at
        known, content = self._found(draft.name)
        if known.revision != draft.revision:
            raise draft_conflict(draft.name, draft.revision)
        changed = replace(draft, revision=draft.revision + 1)
        self._drafts[draft.name] = changed, content
        return changed

    async def drop(self, name: str, *, by: str, at: datetime, seen: int) -> None:
        """Remove the draft."""
        del by, at
        if self._found(name)[0].revision != seen:
            raise draft_conflict(name, seen)
        del self._drafts[name]

    async def publish(self, draft: Draft, *, by: str, at: datetime, after: int) -> CurrentRelease:
        """Publish it among the releases."""
        known, content = self._found(draft.name)
        if known.revision != draft.revision or known.state == "published":
            raise draft_conflict(draft.name, draft.revision)
        current = await self._releases.publish(content, by=by, at=at, after=after)
        done = replace(
            known, revision=known.revision + 1, state="published", release=current.release.number, failure=""
        )
        self._drafts[draft.name] = done, content
        return current

    async def pinned(self) -> frozenset[Digest]:
        """Return the keys of the drafts that are not published."""
        waiting = (content for draft, content in self._drafts.values() if draft.state != "published")
        return frozenset(key for content in waiting for key in content.keys)

    def _found(self, name: str) -> tuple[Draft, ReleaseDraft]:
        if name not in self._drafts:
            raise missing_draft(name)
        return self._drafts[name]
