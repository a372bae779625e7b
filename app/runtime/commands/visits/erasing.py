"""Erasing a session by an operator, and showing what is stored of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.adapters.sql.deliveries.store import SqlDeliveries
from app.adapters.sql.erasing.traces import SqlTraces
from app.adapters.sql.sessions import SqlSessions
from app.adapters.sql.turn_log import SqlTurnLog
from app.audit import erasure
from app.conversation.erasing.exports import session_document
from app.conversation.snapshot import page_values
from app.errors import SessionNotFoundError
from app.runtime.serving.config_audit import who
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.database import open_database
from app.runtime.wiring.erasing import open_eraser
from app.runtime.wiring.site import open_site


async def erase_session(settings: Settings, session: str) -> dict[str, Any]:
    """Erase a session and all that it caused; return the receipt.

    Raises:
        SessionNotFoundError: nothing is stored of it.
        CatalogError, StoreError, SettingsError: the site cannot be opened; nothing is erased.
    """
    async with open_site(settings) as site:
        me, now = who(), SystemClock().now()
        erased = await open_eraser(site).erase(session, now=now)
        frames = await SqlSessions(site.database, actor=me).erase(session, shown=None, now=now)  # last, with the audit
        receipt = erased.with_row(frames).document()
        if frames is None and receipt["erased"]:
            await site.audit.append(erasure(session, by=me, at=now))
    if frames is None and not receipt["erased"]:
        raise SessionNotFoundError(f"Cannot erase session {session!r}: nothing is stored under this id. Check the id.")
    return {**receipt, "session": session, "turns": receipt["erased"].get("turns", 0)}


def receipt_lines(receipt: Mapping[str, Any]) -> Iterator[str]:
    """Yield the receipt's lines for people."""
    for kind, count in receipt["erased"].items():
        yield f"{count} {kind.replace('_', ' ')}"
    for vendor, count in receipt["vendor_copies"]["left"].items():
        yield f"{count} left at `{vendor}`: ask there to have them deleted"
    yield from receipt["left"]


async def export_session(settings: Settings, session: str) -> dict[str, Any]:
    """Return what is stored of a session.

    Raises:
        SessionNotFoundError: nothing is.
    """
    async with open_database(settings) as database:
        turns = await SqlTurnLog(database).transcript(session)
        films = await SqlTraces(database).films(session)
        deliveries = await SqlDeliveries(database).of_session(session)
        page = page_values(await SqlSessions(database).state(session))
    if not (turns or films or deliveries or page):
        raise SessionNotFoundError(f"Nothing is stored under session {session!r}. Check the id.")
    return session_document(session, turns, films, deliveries=deliveries, page=page)
