"""Turn log of a site."""

from app.adapters.sql.engine import Database
from app.adapters.sql.turn_log import SqlTurnLog
from app.learning.turn_log import ForgetfulTurnLog, TurnLog
from app.runtime.settings.site import Settings


def open_turn_log(settings: Settings, database: Database) -> TurnLog:
    """Return the log of turns; it stores nothing if GREENROOM_KEEP_TURNS_DAYS is 0."""
    kept = SqlTurnLog(database)
    return kept if settings.keep_turns_days else ForgetfulTurnLog(kept)
