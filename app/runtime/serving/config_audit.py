"""Audit rows of the configuration (keys and budgets), and the name of the person at the command line."""

import getpass
import socket
from collections.abc import Mapping
from datetime import datetime

from app.audit import Act, AuditKeys, AuditLog, keyed
from app.runtime.settings.api_keys import audit_identity
from app.runtime.settings.site import Settings


def who() -> str:
    """Return the name of the person at the command line, as `user@host`."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "somebody"
    return f"{name}@{socket.gethostname()}"[:200]


async def record_settings(audit: AuditLog, settings: Settings, *, by: str, at: datetime) -> None:
    """Add a row for changed keys and for changed budgets; none if nothing changed.

    Two nodes that start at the same moment may both add one.
    """
    keys = AuditKeys.read(settings.audit_key.get_secret_value())
    if keys.writing:
        await audit.append(keyed(keys, by=by, at=at), once=True)
    limits = {"day": str(settings.budget_day_usd), "session": str(settings.budget_session_usd)}
    given = settings.model_fields_set & {"budget_day_usd", "budget_session_usd"}
    await _note(
        audit, Act(at, by, "keys.changed", "keys", {key.name: audit_identity(key) for key in settings.keys}), known={}
    )
    await _note(audit, Act(at, by, "money.capped", "settings", limits), known={} if given else limits)


async def _note(audit: AuditLog, act: Act, *, known: Mapping[str, str | int]) -> None:
    """Append an act if its details differ from the last row; `known`: the details if there is no row yet."""
    last = await audit.list(actions=(act.action,), limit=1)
    if dict(act.details) != dict(last[0].act.details if last else known):
        await audit.append(act)
