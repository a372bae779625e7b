"""Doctor: a check of every part of a site, in a sentence each."""

import asyncio
import secrets
import shutil
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.adapters.local.faces.onnx_graphs import DETECTOR, LANDMARKS, prepare
from app.adapters.local.speech import LocalSpeech
from app.adapters.redis.connection import describe
from app.adapters.sql.audit import SqlAudit
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import schema_of, try_writing
from app.adapters.sql.releases import SqlReleases
from app.errors import GreenroomError, OutcomeUnknownError, SchemaNewerError, SettingsError, StoreError
from app.rendering.ledger.states import RenderState
from app.rendering.ports import SpeechRequest
from app.runtime.commands.hearing import ears_found
from app.runtime.commands.mixes import traffic_found
from app.runtime.commands.plan import catalog_keys
from app.runtime.commands.voices import local_voices, speakers
from app.runtime.settings.site import Settings
from app.runtime.wiring.answer_switch import AnswerSwitch
from app.runtime.wiring.credentials import open_signer, signing_certificate
from app.runtime.wiring.current_catalog import CurrentCatalog, current_catalog
from app.runtime.wiring.database import open_unchanged
from app.runtime.wiring.locale_encoders import chosen, kind_of, open_encoder
from app.runtime.wiring.store_and_encoder import encoder_for, open_catalog, open_store
from app.store import maintenance

_LOW_DISK_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Symptom:
    """Result of checking one part: what was found, and what to do if it is not in order."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


async def examine(settings: Settings, *, only: Collection[str] = ()) -> tuple[Symptom, ...]:
    """Check every part, or `only` those named; a part that fails does not stop the others."""
    return tuple([await _checked(name, check, settings) for name, check in _CHECKS.items() if not only or name in only])


async def _checked(name: str, check: Callable[[Settings], Awaitable[str]], settings: Settings) -> Symptom:
    try:
        return Symptom(name, ok=True, found=await check(settings))
    except SQLAlchemyError as error:
        why = str(error.orig if isinstance(error, DBAPIError) else error).splitlines()[0]
        return Symptom(name, ok=False, found=f"Cannot open the database: {why}.", remedy=_REMEDIES["database"])
    except SchemaNewerError as error:
        return Symptom(name, ok=False, found=str(error), remedy=_REMEDIES["schema"])
    except (GreenroomError, OSError) as error:
        return Symptom(name, ok=False, found=str(error).splitlines()[0], remedy=_REMEDIES.get(name, ""))


_REMEDIES = {
    "catalog": "`greenroom check` lists every finding with file and line.",
    "store": "Name a writable folder with --cache or GREENROOM_CACHE; or a bucket there, and its keys in "
    "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, unless it is Amazon's, AWS_ENDPOINT_URL.",
    "database": "Correct GREENROOM_DATABASE_URL, or the server, folder or permissions behind it.",
    "schema": "docs/operating/rollback.md says how to go back, and at what price.",
    "release": "Run `greenroom release publish`, or set GREENROOM_SERVE=folder.",
    "credentials": "Correct GREENROOM_SIGNING_CERTIFICATE and GREENROOM_SIGNING_KEY; docs/reference/credentials.md "
    "says what a certificate must be.",
    "renders": "List them with `greenroom renders orphans`, compare with the providers' own lists, and end each with "
    "`greenroom renders acknowledge`.",
    "clips": "Restore the store from its backup: docs/operating/backup.md. Or `greenroom warm` renders them again; "
    "`greenroom plan` has the price.",
    "redis": "Correct GREENROOM_REDIS_URL, or leave it out: one node needs none.",
    "voices": "`greenroom check` names file and line; docs/authoring/languages.md has a voice for each language.",
    "traffic": "Judge likely plays with `greenroom label`; 60 help, 150 settle it.",
    "ears": "Run `pip install 'greenroom[ears]'`, or set GREENROOM_LISTEN=paid.",
    "disk": "Free some space there.",
}


async def _catalog(settings: Settings) -> str:
    current = await _current(settings)
    place = settings.catalog if settings.serve == "folder" else current.name
    return f"{current.catalog.name}: {len(current.catalog.intents)} intents in {place}"


async def _current(settings: Settings) -> CurrentCatalog:
    """Return the catalog that is served; a folder is read even where the database does not open."""
    if settings.serve == "folder":
        return CurrentCatalog(await asyncio.to_thread(open_catalog, settings), "folder")
    database = open_unchanged(settings)
    try:
        return await current_catalog(settings, SqlReleases(database))
    finally:
        await database.close()


async def _store(settings: Settings) -> str:
    store = open_store(settings)
    probe = await store.blobs.put_bytes(secrets.token_bytes(16))
    await store.blobs.delete(probe.digest)
    stats = await maintenance.stats(store.blobs, store.recipes)
    smaller = f" ({stats.renditions} also small)" if stats.renditions else ""
    return f"{stats.clips} clips{smaller}, {stats.size_bytes / 1e6:.0f} MB in {settings.cache}, writable"


async def _database(settings: Settings) -> str:
    database = open_unchanged(settings)
    try:
        schema = await schema_of(database)
        schema.require_compatible()
        await try_writing(database)
    finally:
        await database.close()
    name = f"{database.url.get_backend_name()}, writable"
    if schema.is_newer:
        return f"{name}, schema {schema.present} of Greenroom {schema.made_by}; this older version may run on it"
    if schema.present == schema.newest:
        return f"{name}, at the newest schema ({schema.newest})"
    return f"{name}, schema {schema.present or 'empty'}: the next start brings it to {schema.newest}"


async def _release(settings: Settings) -> str:
    if settings.serve == "folder":
        return "none served: visitors get the folder"
    database = open_unchanged(settings)
    try:
        schema = await schema_of(database)
        schema.require_compatible()
        current = await SqlReleases(database).current() if schema.is_ready else None
    finally:
        await database.close()
    if current is None:
        raise SettingsError("GREENROOM_SERVE is `release`, and there is no release")
    release = current.release
    return f"{release.number} since {current.at:%Y-%m-%d %H:%M} UTC, {current.deed} by {current.by}"


async def _renders(settings: Settings) -> str:
    database = open_unchanged(settings)
    try:
        schema = await schema_of(database)
        schema.require_compatible()
        if not schema.is_ready:
            return "no ledger of the newest schema yet"
        ledger = SqlLedger(database)
        orphans, counts = await ledger.orphan_count(), await ledger.counts()
        pause = await AnswerSwitch(SqlAudit(database)).pause()
    finally:
        await database.close()
    if orphans:
        raise OutcomeUnknownError(f"{orphans} jobs at providers belong to no render: each may be money for nothing")
    parked = counts.get(RenderState.PARKED, 0)
    unkeyed = "" if settings.audit_key.get_secret_value() else "; the audit log has no key (GREENROOM_AUDIT_KEY)"
    return (
        f"{sum(counts.values())} in the ledger"
        + (f", {parked} parked for a person" if parked else "")
        + (f"; new answers are paused since {pause.at:%Y-%m-%d %H:%M} UTC by {pause.actor}" if pause else "")
        + unkeyed
    )


async def _clips(settings: Settings) -> str:
    """Look for clips of the served catalog that were rendered once and are gone: ordering them again costs again."""
    keys = await catalog_keys(settings, (await _current(settings)).catalog)
    recipes = open_store(settings).recipes
    missing = [key for key in keys if await recipes.get(key) is None]
    database = open_unchanged(settings)
    try:
        schema = await schema_of(database)
        schema.require_compatible()
        latest = [await SqlLedger(database).latest(key) for key in missing] if schema.is_ready else []
    finally:
        await database.close()
    lost = [render for render in latest if render is not None and render.state is RenderState.READY]
    if lost:
        paid = sum((render.spent for render in lost), Decimal(0))
        raise StoreError(
            f"{len(lost)} clips of the catalog were rendered before, for {paid.normalize():f} USD, and are gone"
        )
    return "none of the catalog's clips that were rendered is gone"


async def _redis(settings: Settings) -> str:
    url = settings.redis_url.get_secret_value()
    if not url:
        return "not set: notifications and jobs stay inside this process"
    server = await describe(url)
    return f"{server['version']}, writable, memory policy {server['policy']}"


async def _credentials(settings: Settings) -> str:
    certificate = await asyncio.to_thread(signing_certificate, settings)
    await open_signer(settings).check()
    if certificate.development:
        return "clips are signed with a development certificate, which no reader trusts"
    return f"clips are signed by {certificate.signer}, until {certificate.ends_at:%Y-%m-%d}"


async def _media(_: Settings) -> str:
    def found() -> str:
        from app.adapters.media.pyav import video_encoder  # noqa: PLC0415 - a server that is never examined needs none

        return video_encoder()

    return await asyncio.to_thread(found)


async def _encoder(settings: Settings) -> str:
    catalog = (await _current(settings)).catalog
    default, listed = encoder_for(settings, catalog), chosen(settings, catalog)
    readers: dict[str, list[str]] = {}
    for one in listed:
        encoder = (open_encoder(kind_of(one)) if one is not listed[0] else None) or default
        vectors = await asyncio.to_thread(encoder.encode, ["Is anybody there?"])
        readers.setdefault(f"{encoder.name}, {vectors.shape[1]} dimensions", []).append(one.locale)
    return "; ".join(f"{', '.join(locales)}: {name}" for name, locales in readers.items())


async def _voice(settings: Settings) -> str:
    local = LocalSpeech(settings.models_dir.expanduser())
    spoken = await local.speak(SpeechRequest(text="Hello.", locale="en", voice="default", speed=1.0))
    voices = local_voices(settings)
    here = ", ".join(one.name for one in voices if one.added)
    more = "".join(f"; `greenroom voices add {one.language}` adds {one.name}" for one in voices if not one.added)
    return f"local voice speaks {here} ({spoken.duration_s:.1f} s for a hello){more}"


async def _voices(settings: Settings) -> str:
    catalog = (await _current(settings)).catalog
    return await asyncio.to_thread(speakers, catalog, settings.models_dir.expanduser())


async def _faces(settings: Settings) -> str:
    folder = settings.models_dir.expanduser()
    for graph in (DETECTOR, LANDMARKS):
        await asyncio.to_thread(prepare, graph, folder)
    return f"face graphs ready in {folder}"


async def _disk(settings: Settings) -> str:
    folder = next(path for path in (settings.scratch, *settings.scratch.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < _LOW_DISK_BYTES:
        raise OSError(f"only {free / 1e6:.0f} MB free for unfinished work at {folder}")
    return f"{free / 1e9:.0f} GB free for unfinished work"


_CHECKS: dict[str, Callable[[Settings], Awaitable[str]]] = {
    "catalog": _catalog,
    "store": _store,
    "database": _database,
    "release": _release,
    "renders": _renders,
    "clips": _clips,
    "redis": _redis,
    "media": _media,
    "credentials": _credentials,
    "encoder": _encoder,
    "traffic": traffic_found,
    "voice": _voice,
    "voices": _voices,
    "ears": ears_found,
    "faces": _faces,
    "disk": _disk,
}

PARTS = tuple(_CHECKS)
"""Names of the parts, in order."""
