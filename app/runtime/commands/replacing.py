"""Price of replacing a face: what a withdrawn consent takes from visitors, and what new clips would cost."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from app.adapters.sql.releases import SqlReleases
from app.catalog.model import Catalog
from app.errors import GreenroomError
from app.rendering.plan.clips import spoken_clips
from app.rendering.plan.planner import make_plan
from app.rendering.plan.providers import providers_of
from app.runtime.settings.site import Settings
from app.runtime.wiring.current_catalog import current_catalog
from app.runtime.wiring.database import open_database
from app.runtime.wiring.providers import open_readings, open_renderers, open_speech
from app.runtime.wiring.store_and_encoder import open_store


@dataclass(frozen=True, slots=True)
class Replacement:
    """Loss with some faces: stored clips and their length; `price` is that of the served catalog's clips anew.

    `price` is None where the served catalog shows none of these faces, or cannot be read.
    """

    clips: int
    video_s: float
    renderer: str = ""
    price: Decimal | None = None
    currency: str = ""


async def replacement(settings: Settings, faces: Collection[str]) -> Replacement:
    """Count the stored clips of these faces, and price the served catalog's clips with another one.

    Raises:
        StoreError: the store cannot be read.
    """
    clips, video_s = 0, 0.0
    async for entry in open_store(settings).recipes.scan():
        if entry.kind == "clip" and entry.recipe.get("portrait") in faces:
            clips += 1
            video_s += float(entry.media.get("duration_s") or 0)
    renderer, price, currency = "", None, ""
    try:
        async with open_database(settings) as database:
            catalog = (await current_catalog(settings, SqlReleases(database))).catalog
        if catalog.avatar.portrait_digest in faces:
            renderer, price, currency = await _priced(settings, catalog)
    except GreenroomError:  # a withdrawal is never held up by a catalog that cannot be read or priced
        pass
    return Replacement(clips, round(video_s, 1), renderer, price, currency)


async def _priced(settings: Settings, catalog: Catalog) -> tuple[str, Decimal, str]:
    """Price all clips of a catalog as if none was stored; another face costs the same as this one."""
    async with open_renderers(settings) as renderers:
        providers = providers_of(
            catalog.avatar, speech=open_speech(), renderers=renderers, normaliser=open_readings(settings)
        )
        wanted = spoken_clips(catalog, providers)
        plan = make_plan(wanted, (), capabilities={name: one.capabilities for name, one in renderers.items()})
    totals = plan.totals
    names = " and ".join(total.renderer for total in totals)
    return names, sum((total.price for total in totals), Decimal(0)), totals[0].currency if totals else "USD"
