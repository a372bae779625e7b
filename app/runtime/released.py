"""What visitors would notice between two catalogs."""

from dataclasses import dataclass

from app.catalog.model import Catalog
from app.catalog.releases import Releases
from app.runtime.following import release_catalog
from app.runtime.opening import open_catalog
from app.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids of intents, in order; `avatar` says whether another face or voice speaks."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    avatar: bool


async def difference(settings: Settings, releases: Releases, number: int, other: int | None) -> Difference:
    """From a release to another one, or to the catalog's folder.

    Raises:
        ReleaseNotFoundError: there is no such release.
        CatalogError: one of them cannot be read.
    """
    before = await _catalog(settings, releases, number)
    after = open_catalog(settings) if other is None else await _catalog(settings, releases, other)
    return compared(before, after)


def compared(before: Catalog, after: Catalog) -> Difference:
    """Compare intent by intent."""
    old, new = ({intent.id: intent for intent in catalog.intents} for catalog in (before, after))
    return Difference(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        changed=tuple(name for name in new if name in old and new[name] != old[name]),
        avatar=_face(before) != _face(after),
    )


def _face(catalog: Catalog) -> object:
    return catalog.avatar.model_dump(exclude={"portrait_path"})


async def _catalog(settings: Settings, releases: Releases, number: int) -> Catalog:
    return await release_catalog(settings, releases, await releases.get(number))
