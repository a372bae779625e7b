"""Studio of a site: voices, renderers, store and ledger together; and its spending limits."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from app.adapters.ears.whisper import WhisperRecogniser, is_installed
from app.adapters.sql.audit import SqlAudit
from app.adapters.sql.calls import SqlPaidCalls
from app.adapters.sql.clock import DatabaseClock
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.text_normalisation.normaliser import GrammarNormaliser
from app.catalog.fallback_and_budget import Budget
from app.rendering.ledger.port import Cap
from app.rendering.ledger.records import RELEASE_SCOPE
from app.rendering.media.face_box import FaceBoxes, FaceReader
from app.rendering.media.hearing.ear import Ear, Listening
from app.rendering.media.inspection import Inspector
from app.rendering.ports import MediaTools, Renderer, Speech
from app.rendering.work.studio import Studio
from app.runtime.settings.site import Settings
from app.runtime.settings.vendors import call_prices
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.cluster import open_bus
from app.runtime.wiring.credentials import open_signer
from app.runtime.wiring.late import late
from app.runtime.wiring.providers import open_readings, open_renderers, open_speech
from app.runtime.wiring.store_and_encoder import OpenStore
from app.tracing import NoTracer, Tracer


@asynccontextmanager
async def open_studio(
    settings: Settings,
    store: OpenStore,
    database: Database,
    *,
    budget: Budget,
    recordings: Mapping[str, Path] = MappingProxyType({}),
    tracer: Tracer | None = None,
) -> AsyncIterator[Studio]:
    """Open the studio with its voices and renderers; its worker processes end with it.

    `budget` and `recordings` are the catalog's.
    """
    async with AsyncExitStack() as stack:
        renderers: dict[str, Renderer] = await stack.enter_async_context(open_renderers(settings))
        speech: dict[str, Speech] = open_speech(
            recordings, prices=call_prices(settings), models_dir=settings.models_dir.expanduser()
        )
        clock = SystemClock()
        shared = DatabaseClock(database, elapsed=clock.elapsed, here=clock.now)
        await shared.read()
        studio = Studio(
            speech=speech,
            renderers=renderers,
            blobs=store.blobs,
            recipes=store.recipes,
            ledger=SqlLedger(database),
            calls=SqlPaidCalls(database),
            audit=SqlAudit(database),
            media_tools=late(_media_tools),
            portrait=outgoing,
            normaliser=open_readings(settings),
            inspector=open_inspector(settings),
            ear=open_ear(settings),
            credentials=open_signer(settings),
            bus=open_bus(settings),
            tracer=tracer or NoTracer(),
            clock=shared.now,
            sleep=clock.sleep,
            worker_name=f"{socket.gethostname()}-{os.getpid()}",
            scratch=scratch_folder(settings),
            standing_caps=day_caps(settings, budget),
            per_clip_attempts=budget.per_clip_attempts,
        )
        await stack.enter_async_context(_running(studio.notifications.listen(), name="hear other nodes"))
        await stack.enter_async_context(_running(shared.keep(clock.sleep), name="keep the shared time"))
        yield studio


@asynccontextmanager
async def _running(job: Coroutine[Any, Any, NoReturn], *, name: str) -> AsyncIterator[None]:
    """Run an endless job while the block runs."""
    running = asyncio.create_task(job, name=name)
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def day_caps(settings: Settings, budget: Budget, *, release: int = 0) -> Callable[[datetime], Collection[Cap]]:
    """Return the cap on all paid rendering in a day (UTC): the lower of the site's and the catalog's limit.

    If neither is set, nothing may be spent. What is rendered for a release also counts under its scope, without limit.
    """
    ours = settings.budget_day_usd if "budget_day_usd" in settings.model_fields_set else None
    limits = [limit for limit in (ours, budget.per_day) if limit is not None]
    limit = min(limits, default=Decimal(0))
    source = "`budget.per_day` in catalog.yaml" if limit == budget.per_day else "GREENROOM_BUDGET_DAY_USD"
    served = (Cap(f"{RELEASE_SCOPE}{release}", Decimal("Infinity")),) if release else ()
    return lambda now: (Cap(f"day:{now:%Y-%m-%d}", limit, source), *served)


def session_limit(settings: Settings, budget: Budget) -> Decimal:
    """Return the limit on new answers in one session: the lower of the site's and the catalog's."""
    return min(limit for limit in (settings.budget_session_usd, budget.per_session) if limit is not None)


def scratch_folder(settings: Settings) -> Path:
    """Return the folder for unfinished work, outside the store's layout."""
    return settings.scratch


def _media_tools() -> MediaTools:
    from app.adapters.media.pyav import PyavMediaTools  # noqa: PLC0415 - pictures and sound, which few commands touch

    return PyavMediaTools()


def outgoing(content: bytes, background: str | None = None) -> bytes:
    """Return the portrait as it leaves. Blocking.

    Raises:
        PortraitError: it cannot be decoded.
    """
    from app.adapters.local.portraits import outgoing_portrait  # noqa: PLC0415 - pictures

    return outgoing_portrait(content, background)


def open_inspector(settings: Settings) -> Inspector | None:
    """Open the inspector of delivered clips; None if the gate is to judge their files only."""
    if settings.quality_gate == "file":
        return None
    models_dir, faces = settings.models_dir.expanduser(), settings.quality_gate == "full"

    def inspector() -> Inspector:
        from app.adapters.local.inspection.inspector import LocalInspector  # noqa: PLC0415 - pictures and sound

        return LocalInspector(models_dir, faces=faces)

    return late(inspector)


def open_face_boxes(settings: Settings, store: OpenStore) -> FaceBoxes | None:
    """Open what finds the faces of old clips; None where faces are not looked for. The graphs load with the first."""
    if settings.quality_gate != "full":
        return None
    models_dir = settings.models_dir.expanduser()

    def reader() -> FaceReader:
        from app.adapters.local.inspection.face_box import LocalFaceReader  # noqa: PLC0415 - pictures

        return LocalFaceReader(models_dir)

    return FaceBoxes(late(reader), store.blobs, store.recipes)


def open_ear(settings: Settings) -> Ear | None:
    """Open the ear of the gate; None where nothing is heard. The recogniser is loaded at its first clip.

    Raises:
        SettingsError: all clips are to be heard, and the extra `ears` is not installed.
    """
    if not is_heard(settings):
        return None
    listening: Listening = "all" if settings.listen == "all" else "paid"
    return Ear(WhisperRecogniser(settings.models_dir.expanduser()), GrammarNormaliser(), listening)


def is_heard(settings: Settings) -> bool:
    """Return whether the gate hears clips at all."""
    if settings.listen == "off" or settings.quality_gate == "file":
        return False
    return settings.listen == "all" or is_installed()
