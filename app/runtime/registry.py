"""Names to implementations: every provider has its line here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.adapters.local.renderer import LocalRenderer
from app.adapters.local.speech import LocalSpeech
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.workshop import MediaWorkshop
from app.rendering.ledger import Ledger
from app.rendering.ports import Renderer, Speech, Workshop
from app.runtime.settings import Settings


def open_speech() -> dict[str, Speech]:
    """Every voice by the name that `voice.speech` uses."""
    return {"local": LocalSpeech()}


@asynccontextmanager
async def open_renderers(settings: Settings) -> AsyncIterator[dict[str, Renderer]]:
    """Every renderer by the name that `renderers` uses; none works before its first job."""
    local = LocalRenderer(
        work_dir=settings.cache.absolute() / "scratch" / "local",
        models_dir=settings.models_dir.expanduser(),
        workers=settings.render_processes or None,
    )
    async with local:
        yield {"local": local}


def open_workshop() -> Workshop:
    """Where media files are looked into and marked."""
    return MediaWorkshop()


def state_ledger(database: Database) -> Ledger:
    """The truth about paid work."""
    return SqlLedger(database)
