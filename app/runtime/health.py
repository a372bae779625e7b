"""What `greenroom doctor` looks at: each part is tried for real."""

import asyncio
import secrets
import shutil
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.adapters.local.faces.graphs import DETECTOR, LANDMARKS, prepare
from app.adapters.local.speech import LocalSpeech
from app.adapters.media_library import video_encoder
from app.adapters.redis.connection import describe
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import schema_of, try_writing
from app.adapters.sql.releases import SqlReleases
from app.catalog.model import Catalog
from app.errors import GreenroomError, OutcomeUnknownError, SettingsError
from app.rendering.ports import SpeechRequest
from app.rendering.states import RenderState
from app.runtime.database import open_unchanged
from app.runtime.opening import encoder_for, open_catalog, open_store
from app.runtime.settings import Settings
from app.store import care

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
    stats = await care.stats(store.blobs, store.recipes)
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
        orphans, counts = len(await ledger.orphans()), await ledger.counts()
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
