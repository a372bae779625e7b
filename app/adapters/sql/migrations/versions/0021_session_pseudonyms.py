"""Rows of before 0019 name sessions by their pseudonym, too, and say which films those asked for."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
compatible_from = "0008"

_OLD = "session:s_"
"""What those scopes began with: ids of sessions begin with `s_`, pseudonyms with a hexadecimal digit."""
_PAGE = 500
_TIME = sa.DateTime(timezone=True)
_COUNTS = {"tallies": ("used",), "budgets": ("reserved_micros", "spent_micros")}
_RENDERS = sa.table(
    "renders",
    sa.column("id", sa.String()),
    sa.column("recipe_key", sa.String()),
    sa.column("scopes", sa.JSON()),
    sa.column("labels", sa.JSON()),
)
_CALLS = sa.table("paid_calls", sa.column("id", sa.String()), sa.column("scopes", sa.JSON()))
_DEMANDS = sa.table(
    "film_demands", sa.column("key", sa.String()), sa.column("session", sa.String()), sa.column("at", _TIME)
)
_GONE = sa.table("gone_films", sa.column("key", sa.String()), sa.column("at", _TIME))
_ERASED = sa.table("erased_sessions", sa.column("session", sa.String()))


def upgrade() -> None:
    """Rename the sessions, and say who asked for which film; films that only erased sessions asked for are to be gone.

    Nobody knows when a film was last asked for: it counts as asked for now, so the next upkeep lets none expire.
    """
    now = datetime.now(UTC)
    erased = set(op.get_bind().execute(sa.select(_ERASED.c.session)).scalars())
    for name, counts in _COUNTS.items():
        _rename_counts(name, counts)
    of_erased: set[str] = set()
    for table in (_RENDERS, _CALLS):
        for row in _pages(table):
            scopes = [_pseudonym(scope) for scope in row["scopes"]]
            op.execute(sa.update(table).where(table.c.id == row["id"]).values(scopes=scopes))
            if "labels" in row and row["labels"].get("generated"):
                sessions = [new for new, old in zip(scopes, row["scopes"], strict=True) if new != old]
                if not erased.isdisjoint(sessions):
                    of_erased.add(row["recipe_key"])
                _demand(row["recipe_key"], [session for session in sessions if session not in erased], now)
    for key in sorted(of_erased):
        _mark(key, now)


def downgrade() -> None:
    """Nobody gets from a pseudonym to the id: the rows stay as they are."""


def _rename_counts(name: str, counts: tuple[str, ...]) -> None:
    table = sa.table(name, sa.column("scope", sa.String()), *(sa.column(count, sa.BigInteger()) for count in counts))
    connection = op.get_bind()
    old = sa.select(table).where(table.c.scope.like(f"{_OLD}%"))
    for row in connection.execute(old).mappings().all():
        new = _pseudonym(row["scope"])
        there = connection.execute(sa.select(table.c.scope).where(table.c.scope == new)).first()
        if there is None:
            op.execute(sa.update(table).where(table.c.scope == row["scope"]).values(scope=new))
        else:
            more = {count: table.c[count] + row[count] for count in counts}
            op.execute(sa.update(table).where(table.c.scope == new).values(**more))
            op.execute(sa.delete(table).where(table.c.scope == row["scope"]))


def _pages(table: sa.TableClause) -> Iterator[Any]:
    """Yield the rows whose scopes name a session by its id."""
    last = ""
    names_one = sa.cast(table.c.scopes, sa.Text()).like(f"%{_OLD}%")
    while True:
        page = sa.select(table).where(names_one, table.c.id > last).order_by(table.c.id).limit(_PAGE)
        rows = op.get_bind().execute(page).mappings().all()
        yield from rows
        if len(rows) < _PAGE:
            return
        last = rows[-1]["id"]


def _demand(key: str, sessions: Sequence[str], now: datetime) -> None:
    for session in sessions:
        if not _has(_DEMANDS, (_DEMANDS.c.key == key) & (_DEMANDS.c.session == session)):
            op.execute(sa.insert(_DEMANDS).values(key=key, session=session, at=now))


def _mark(key: str, now: datetime) -> None:
    """Mark a film as to be gone that no session asks for but erased ones."""
    if not _has(_DEMANDS, _DEMANDS.c.key == key) and not _has(_GONE, _GONE.c.key == key):
        op.execute(sa.insert(_GONE).values(key=key, at=now))


def _has(table: sa.TableClause, where: sa.ColumnElement[bool]) -> bool:
    return op.get_bind().execute(sa.select(table.c.key).where(where)).first() is not None


def _pseudonym(scope: str) -> str:
    """As `app.conversation.erasing.pseudonym` makes it: a migration stands for what was right when it was written."""
    if not scope.startswith(_OLD):
        return scope
    return f"session:{hashlib.sha256(scope.removeprefix('session:').encode()).hexdigest()[:32]}"
