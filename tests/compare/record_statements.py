"""Plugin for pytest that notes each statement sent to a database, once, with values; loaded into an older checkout.

It imports nothing of this repository. `GREENROOM_STATEMENTS` names the file; a line is `[dialect, statement, values]`.
"""

import json
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

SEEN: dict[tuple[str, str], list[Any]] = {}
WORDS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
NOT_OURS = ("alembic_version", "pg_catalog", "sqlite_master", "information_schema", "savepoint")


@event.listens_for(Engine, "before_cursor_execute")
def _note(connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:  # noqa: FBT001
    if statement.lstrip().startswith(WORDS) and not any(word in statement for word in NOT_OURS):
        row = parameters[0] if many else parameters
        SEEN.setdefault((connection.dialect.name, statement), [_plain(value) for value in row])


def _plain(value: Any) -> Any:
    """A value as JSON has it; what JSON has not, with the name of its kind."""
    if isinstance(value, datetime | date):
        return {type(value).__name__: value.isoformat()}
    return {"bytes": bytes(value).hex()} if isinstance(value, bytes | bytearray | memoryview) else value


def pytest_sessionfinish() -> None:
    """Write what was seen."""
    lines = [json.dumps([dialect, statement, row]) for (dialect, statement), row in sorted(SEEN.items())]
    Path(os.environ["GREENROOM_STATEMENTS"]).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
