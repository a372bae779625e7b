"""What `greenroom doctor` looks at: each part is tried for real."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from app.adapters.local.faces.graphs import DETECTOR, LANDMARKS, prepare
from app.adapters.local.speech import LocalSpeech
from app.catalog.model import Catalog
from app.errors import GreenroomError
from app.rendering.ports import SpeechRequest
from app.runtime.database import open_database
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


async def examine(settings: Settings) -> tuple[Symptom, ...]:
    """Try every part; a part that fails does not keep the others from being tried."""
    parts: dict[str, Callable[[Settings], Awaitable[str]]] = {
        "catalog": _catalog,
        "store": _store,
        "database": _database,
        "encoder": _encoder,
        "voice": _voice,
        "faces": _faces,
        "disk": _disk,
    }
    return tuple([await _tried(name, look, settings) for name, look in parts.items()])


async def _tried(name: str, look: Callable[[Settings], Awaitable[str]], settings: Settings) -> Symptom:
    try:
        return Symptom(name, ok=True, found=await look(settings))
    except (GreenroomError, OSError, SQLAlchemyError) as error:
        return Symptom(name, ok=False, found=str(error).splitlines()[0], remedy=_REMEDIES.get(name, ""))


_REMEDIES = {
    "catalog": "`greenroom check` lists every finding with file and line.",
    "store": "Name a writable folder with --cache or GREENROOM_CACHE.",
    "database": "Mend GREENROOM_DATABASE_URL.",
    "disk": "Free some space where the store lies.",
}


async def _catalog(settings: Settings) -> str:
    catalog: Catalog = await asyncio.to_thread(open_catalog, settings)
    return f"{catalog.name}: {len(catalog.intents)} intents in {settings.catalog}"


async def _store(settings: Settings) -> str:
    store = open_store(settings)
    stats = await care.stats(store.blobs, store.recipes)
    return f"{stats.clips} clips, {stats.size_bytes / 1e6:.0f} MB in {settings.cache}"


async def _database(settings: Settings) -> str:
    async with open_database(settings) as database:
        return f"{database.url.get_backend_name()}, at the newest schema"


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
    free = shutil.disk_usage(settings.cache).free
    if free < _LOW_DISK_BYTES:
        raise OSError(f"only {free / 1e6:.0f} MB free")
    return f"{free / 1e9:.0f} GB free"
