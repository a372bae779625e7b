"""Plan of the served catalog, portraits that renderers refuse, and the recipes that must not be collected."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.adapters.local.kept_looks import seen_portrait
from app.adapters.sql.drafts import SqlDrafts
from app.adapters.sql.releases import SqlReleases
from app.catalog.model import Avatar, Catalog
from app.digest import Digest
from app.errors import ConsentMissingError, PortraitError
from app.rendering.media.preflight import check_portrait
from app.rendering.plan.agreement import Agreement, agree
from app.rendering.plan.clips import WantedClip, catalog_clips, in_text_alone, is_spoken
from app.rendering.plan.planner import Plan, make_plan, take_stock
from app.rendering.plan.pricing import PlanRefusal
from app.rendering.plan.providers import AvatarProviders, providers_of
from app.rendering.tariffs import PricedSpeech
from app.rendering.work.warm_order import in_order
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import is_new, open_database
from app.runtime.wiring.providers import open_readings, open_renderers, open_speech
from app.runtime.wiring.site import Site
from app.runtime.wiring.store_and_encoder import open_catalog
from app.runtime.wiring.studio import outgoing
from app.runtime.wiring.turn_log import open_turn_log


def unusable_portrait(settings: Settings, avatar: Avatar, providers: AvatarProviders) -> dict[str, str]:
    """Find what is wrong with the portrait, by renderer and model; one that is left out accepts it.

    Blocking.

    If the gate leaves faces out (drawn figures), only the local renderer requires one.
    """
    faceless = _faceless(settings, Path(avatar.portrait_path))
    found: dict[str, str] = {}
    for one in providers.chain:
        facts = one.limits
        needs_face = settings.quality_gate == "full" or facts.name == "local"
        try:
            if "image" in facts.visuals:
                check_portrait(avatar, facts, outgoing)
        except PortraitError as error:
            found[one.label] = str(error)
        else:
            if faceless and needs_face:
                found[one.label] = faceless
    return found


def _faceless(settings: Settings, portrait: Path) -> str:
    """Explain why no face in it can be animated; empty if one can, and for a drawing of ours."""
    try:
        if seen_portrait(portrait, settings.models_dir.expanduser()).drawn is None:
            _refuse_bad(portrait, settings.models_dir.expanduser())
    except (PortraitError, OSError) as error:
        return str(error)
    return ""


def _refuse_bad(portrait: Path, models_dir: Path) -> None:
    from app.adapters.local.painter_choice import inspect_portrait, refuse_bad  # noqa: PLC0415 - for photos alone

    refuse_bad(portrait, inspect_portrait(portrait, models_dir=models_dir))


async def plan_catalog(site: Site) -> Plan:
    """Plan of the catalog that is served: what is new, stale, unchanged and unreferenced, and what it costs.

    Its clips are in the order of rendering, by recorded traffic.

    Raises:
        ProviderUnknownError: the avatar names a voice or renderer that is not set up here.
    """
    avatar = site.catalog.avatar
    providers = site.studio.providers(avatar)
    # a large catalog takes seconds: not where visitors' answers are sent
    wanted = await asyncio.to_thread(catalog_clips, site.catalog, providers)
    capabilities = {name: renderer.capabilities for name, renderer in site.studio.renderers.items()}
    tariffs = {name: voice.tariff for name, voice in site.studio.speech.items() if isinstance(voice, PricedSpeech)}
    stock = await take_stock(site.store.recipes, wanted)
    stored = {entry.key for entry in stock}
    silent = in_text_alone(site.catalog, providers)
    wanted, left_out = _split(wanted, lambda clip: is_spoken(clip, silent) or not stored.isdisjoint(clip.keys))
    missing = any(stored.isdisjoint(clip.keys) for clip in wanted)
    refused = await _refused(site, providers) if missing else {}
    made = partial(make_plan, wanted, stock, capabilities=capabilities, refused=refused, tariffs=tariffs)
    plan = await asyncio.to_thread(made)
    plan = replace(plan, in_text=dict(Counter(line.locale for clip in left_out for line in clip.lines)))
    asked = await open_turn_log(site.settings, site.database).asked() if missing else {}
    return await asyncio.to_thread(in_order, plan, site.catalog, asked)


def _split(
    clips: Iterable[WantedClip], test: Callable[[WantedClip], bool]
) -> tuple[tuple[WantedClip, ...], tuple[WantedClip, ...]]:
    """Return the clips that pass the test, and the others."""
    kept: list[WantedClip] = []
    others: list[WantedClip] = []
    for clip in clips:
        (kept if test(clip) else others).append(clip)
    return tuple(kept), tuple(others)


def agreement_of(site: Site, plan: Plan) -> Agreement:
    """Return the plan as something to agree to: `greenroom warm --plan` then carries out this and nothing else."""
    current, catalog = site.current, site.catalog
    return agree(
        plan,
        made_at=site.studio.clock(),
        catalog=catalog.digest,
        release=current.number or None,
        avatar=catalog.avatar.id,
    )


async def _refused(site: Site, providers: AvatarProviders) -> dict[str, PlanRefusal]:
    """Find renderers that cannot render the served avatar: withdrawn consent, or a portrait they refuse."""
    avatar = site.catalog.avatar
    if avatar.portrait_digest in site.withdrawals.faces:
        message = f"The consent for the face of avatar `{avatar.id}` is withdrawn; use another avatar."
        return {one.label: PlanRefusal(ConsentMissingError.code, message) for one in providers.chain}
    unusable = await asyncio.to_thread(unusable_portrait, site.settings, avatar, providers)
    return {name: PlanRefusal(PortraitError.code, why) for name, why in unusable.items()}


async def pinned_keys(settings: Settings) -> frozenset[Digest]:
    """Return the recipes that the catalog, a release or a draft uses: never collected.

    Raises:
        CatalogError: the catalog cannot be read; without it nothing may be collected.
        SettingsError: the database cannot be read.
    """
    return frozenset(await catalog_keys(settings, open_catalog(settings))) | await _released_keys(settings)


async def catalog_keys(settings: Settings, catalog: Catalog) -> tuple[Digest, ...]:
    """Return the recipe keys of all clips of a catalog and of their speech, each once."""
    async with open_renderers(settings) as renderers:
        providers = providers_of(
            catalog.avatar, speech=open_speech(), renderers=renderers, normaliser=open_readings(settings)
        )
        return tuple(dict.fromkeys(key for clip in catalog_clips(catalog, providers) for key in _keys(clip)))


async def _released_keys(settings: Settings) -> frozenset[Digest]:
    if is_new(settings):
        return frozenset()
    async with open_database(settings) as database:
        return await SqlReleases(database).pinned() | await SqlDrafts(database).pinned()


def _keys(clip: WantedClip) -> tuple[Digest, ...]:
    return (*clip.keys, clip.speech.key) if clip.speech else clip.keys
