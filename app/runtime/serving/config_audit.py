"""Who sits at the command line."""

import getpass
import socket
from collections.abc import Mapping
from datetime import datetime

from app.audit import Act, AuditLog
from app.runtime.settings.api_keys import told_apart
from app.runtime.settings.site import Settings


def who() -> str:
    """The person at the command line, as the computer knows them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "somebody"
    return f"{name}@{socket.gethostname()}"[:200]


async def note_standing(audit: AuditLog, settings: Settings, *, by: str, at: datetime) -> None:
    """Add a row for what changed, and none for what is as it was.

    Two nodes that start at one moment may both tell.
    """
    limits = {"day": str(settings.budget_day_usd), "session": str(settings.budget_session_usd)}
    given = settings.model_fields_set & {"budget_day_usd", "budget_session_usd"}
    await _note(
        audit, Act(at, by, "keys.changed", "keys", {key.name: told_apart(key) for key in settings.keys}), known={}
    )
    await _note(audit, Act(at, by, "money.capped", "settings", limits), known={} if given else limits)


async def _note(audit: AuditLog, act: Act, *, known: Mapping[str, str | int]) -> None:
    """`known`: what goes without saying as long as nothing was said."""
    last = await audit.list(actions=(act.action,), limit=1)
    if dict(act.details) != dict(last[0].act.details if last else known):
        await audit.append(act)
