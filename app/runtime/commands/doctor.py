"""What settings cost or risk, in a sentence each: for `greenroom doctor`."""

import asyncio
import secrets
import shutil
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.adapters.local.faces.onnx_graphs import DETECTOR, LANDMARKS, prepare
from app.adapters.local.speech import LocalSpeech
from app.adapters.media.pyav import video_encoder
from app.adapters.redis.connection import describe
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import schema_of, try_writing
from app.adapters.sql.releases import SqlReleases
from app.catalog.model import Catalog
from app.errors import GreenroomError, OutcomeUnknownError, SettingsError
from app.rendering.ledger.states import RenderState
from app.rendering.ports import SpeechRequest
from app.runtime.settings.site import PRESIGNED, Settings
from app.runtime.wiring.database import open_unchanged
from app.runtime.wiring.store_and_encoder import encoder_for, open_catalog, open_store
from app.store import maintenance


@dataclass(frozen=True, slots=True)
class Advice:
    """One setting as it stands: what it costs, or what it risks; the value of a secret is never shown."""

    setting: str
    value: str
    weight: Literal["fine", "cost", "risk"]
    says: str


def advise(settings: Settings) -> tuple[Advice, ...]:
    """Every setting whose choice has a price."""
    return (*_storage(settings), *_state(settings), *_shown(settings), *_doors(settings), *_money(settings))


def _storage(settings: Settings) -> Iterator[Advice]:
    if settings.in_bucket:
        says = "every look-up asks the bucket: plan and verify of a large catalog take longer than on a disk"
        yield Advice("GREENROOM_CACHE", settings.cache, "cost", says)
    else:
        says = "clips live on this computer only; several nodes need one bucket: `store copy` moves there"
        yield Advice("GREENROOM_CACHE", settings.cache, "fine", says)
    if settings.clips_url == PRESIGNED and not settings.in_bucket:
        says = "has no effect while GREENROOM_CACHE is a folder: clips come from this server"
        yield Advice("GREENROOM_CLIPS_URL", settings.clips_url, "risk", says)
    elif settings.clips_url == PRESIGNED:
        says = "browsers must reach the bucket, and its CORS rules must let pages read from it"
        yield Advice("GREENROOM_CLIPS_URL", settings.clips_url, "cost", says)
    elif not settings.clips_url:
        says = "every byte of every clip passes this server; a CDN address here takes that off it"
        yield Advice("GREENROOM_CLIPS_URL", "", "cost", says)


def _state(settings: Settings) -> Iterator[Advice]:
    embedded = settings.database_url.startswith("sqlite")
    if embedded:
        says = "one serving node, about 200 commits a second; PostgreSQL lets several serve and survives the computer"
        yield Advice("GREENROOM_DATABASE_URL", "SQLite", "fine", says)
    else:
        says = "every node keeps up to 15 connections open; size the server for nodes and workers together"
        yield Advice("GREENROOM_DATABASE_URL", "PostgreSQL", "cost", says)
    if settings.redis_url.get_secret_value():
        says = "hints and jobs only: when it is gone, hits are still answered and films come a few seconds later"
        yield Advice("GREENROOM_REDIS_URL", "set", "fine", says)
    else:
        says = (
            "nothing is told between nodes; right for one node" if embedded else "nodes learn of each other by looking"
        )
        yield Advice("GREENROOM_REDIS_URL", "", "fine" if embedded else "cost", says)


def _shown(settings: Settings) -> Iterator[Advice]:
    if settings.serve == "release":
        says = "visitors get what was published; an edited folder shows nowhere before `greenroom release publish`"
        yield Advice("GREENROOM_SERVE", "release", "fine", says)
    elif not settings.database_url.startswith("sqlite"):
        says = "every node needs the same folder and a restart for a new one; `release` changes all of them at once"
        yield Advice("GREENROOM_SERVE", "folder", "cost", says)


def _doors(settings: Settings) -> Iterator[Advice]:
    if settings.environment == "development":
        says = "anybody on this computer is an author; before strangers can reach it, say `production`"
        yield Advice("GREENROOM_ENVIRONMENT", "development", "risk", says)
    elif not (settings.api_key.get_secret_value() or settings.api_keys.get_secret_value()):
        yield Advice("GREENROOM_API_KEYS", "", "cost", "empty, and no GREENROOM_API_KEY: what needs a key is closed")
    if "*" in settings.origins:
        yield Advice("GREENROOM_ALLOWED_ORIGINS", "*", "risk", "any page may open a chat and spend the budget")


def _money(settings: Settings) -> Iterator[Advice]:
    limit = settings.budget_day_usd
    if "budget_day_usd" in settings.model_fields_set and limit > Decimal(0):
        yield Advice("GREENROOM_BUDGET_DAY_USD", str(limit), "cost", f"paid renderers may spend {limit} USD a day")
    else:
        says = "nothing may be spent beyond the catalog's own `budget.per_day`"
        yield Advice("GREENROOM_BUDGET_DAY_USD", str(limit), "fine", says)
    says = f"a visitor waits {settings.film_deadline_s:g} s for a film; then words have to do"
    yield Advice("GREENROOM_FILM_DEADLINE_S", f"{settings.film_deadline_s:g}", "fine", says)


_LOW_DISK_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Symptom:
    """One part: what was found, and what to do when it is not well."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


async def examine(settings: Settings, *, only: Collection[str] = ()) -> tuple[Symptom, ...]:
    """Try every part, or `only` those named; a part that fails does not keep the others from being tried."""
    return tuple([await _tried(name, look, settings) for name, look in _LOOKS.items() if not only or name in only])


async def _tried(name: str, look: Callable[[Settings], Awaitable[str]], settings: Settings) -> Symptom:
    try:
        return Symptom(name, ok=True, found=await look(settings))
    except SQLAlchemyError as error:
        why = str(error.orig if isinstance(error, DBAPIError) else error).splitlines()[0]
        return Symptom(
            name, ok=False, found=f"Expected the database to open, got: {why}.", remedy=_REMEDIES["database"]
        )
    except (GreenroomError, OSError) as error:
        return Symptom(name, ok=False, found=str(error).splitlines()[0], remedy=_REMEDIES.get(name, ""))


_REMEDIES = {
    "catalog": "`greenroom check` lists every finding with file and line.",
    "store": "Name a writable folder with --cache or GREENROOM_CACHE; or a bucket there, and its keys in "
    "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, unless it is Amazon's, AWS_ENDPOINT_URL.",
    "database": "Mend GREENROOM_DATABASE_URL, or the server, folder or rights behind it.",
    "release": "Say `greenroom release publish`, or set GREENROOM_SERVE=folder.",
    "renders": "Look at them with `greenroom renders orphans`, and at the providers' own lists.",
    "redis": "Mend GREENROOM_REDIS_URL, or leave it out: one node needs none.",
    "disk": "Free some space there.",
}


async def _catalog(settings: Settings) -> str:
    catalog: Catalog = await asyncio.to_thread(open_catalog, settings)
    return f"{catalog.name}: {len(catalog.intents)} intents in {settings.catalog}"


async def _store(settings: Settings) -> str:
    store = open_store(settings)
    stats = await maintenance.stats(store.blobs, store.recipes)
    proof = await store.blobs.put_bytes(secrets.token_bytes(16))
    await store.blobs.delete(proof.digest)
    return f"{stats.clips} clips, {stats.size_bytes / 1e6:.0f} MB in {settings.cache}, writable"


async def _database(settings: Settings) -> str:
    database = open_unchanged(settings)
    try:
        schema = await schema_of(database)
        await try_writing(database)
    finally:
        await database.close()
    name = f"{database.url.get_backend_name()}, writable"
    if schema.present == schema.newest:
        return f"{name}, at the newest schema ({schema.newest})"
    return f"{name}, schema {schema.present or 'empty'}: the next start brings it to {schema.newest}"


async def _release(settings: Settings) -> str:
    if settings.serve == "folder":
        return "none served: visitors get the folder"
    database = open_unchanged(settings)
    try:
        schema = await schema_of(database)
        standing = await SqlReleases(database).current() if schema.present == schema.newest else None
    finally:
        await database.close()
    if standing is None:
        raise SettingsError("GREENROOM_SERVE is `release`, and nothing was published")
    release = standing.release
    return f"{release.number} since {standing.at:%Y-%m-%d %H:%M} UTC, {standing.deed} by {standing.by}"


async def _renders(settings: Settings) -> str:
    database = open_unchanged(settings)
    try:
        schema = await schema_of(database)
        if schema.present != schema.newest:
            return "no ledger of the newest schema yet"
        ledger = SqlLedger(database)
        orphans, counts = await ledger.orphan_count(), await ledger.counts()
    finally:
        await database.close()
    if orphans:
        raise OutcomeUnknownError(f"{orphans} jobs at providers are no render's: each may be money for nothing")
    parked = counts.get(RenderState.PARKED, 0)
    return f"{sum(counts.values())} in the ledger" + (f", {parked} parked for a person" if parked else "")


async def _redis(settings: Settings) -> str:
    url = settings.redis_url.get_secret_value()
    if not url:
        return "not set: signals and jobs stay inside this process"
    told = await describe(url)
    return f"{told['version']}, writable, memory policy {told['policy']}"


async def _media(_: Settings) -> str:
    return await asyncio.to_thread(video_encoder)


async def _encoder(settings: Settings) -> str:
    encoder = encoder_for(settings, open_catalog(settings))
    vectors = await asyncio.to_thread(encoder.encode, ["Is anybody there?"])
    return f"{encoder.name}, {vectors.shape[1]} dimensions"


async def _voice(_: Settings) -> str:
    spoken = await LocalSpeech().speak(SpeechRequest(text="Hello.", locale="en", voice="default", speed=1.0))
    return f"local voice speaks ({spoken.duration_s:.1f} s for a hello)"


async def _faces(settings: Settings) -> str:
    folder = settings.models_dir.expanduser()
    for graph in (DETECTOR, LANDMARKS):
        await asyncio.to_thread(prepare, graph, folder)
    return f"face graphs ready in {folder}"


async def _disk(settings: Settings) -> str:
    folder = next(path for path in (settings.scratch, *settings.scratch.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < _LOW_DISK_BYTES:
        raise OSError(f"only {free / 1e6:.0f} MB free for work in progress at {folder}")
    return f"{free / 1e9:.0f} GB free for work in progress"


_LOOKS: dict[str, Callable[[Settings], Awaitable[str]]] = {
    "catalog": _catalog,
    "store": _store,
    "database": _database,
    "release": _release,
    "renders": _renders,
    "redis": _redis,
    "media": _media,
    "encoder": _encoder,
    "voice": _voice,
    "faces": _faces,
    "disk": _disk,
}

PARTS = tuple(_LOOKS)
"""What there is to look at, in order."""
