"""Migrations: one chain, and from 0009 on each says who may run on its outcome (docs/decisions/0045)."""

import itertools

from alembic.script import ScriptDirectory

from app.adapters.sql.migrate import known_revisions
from tests.support.newer import MIGRATIONS

FIRST_RULED = "0009"


def test_migrations_are_one_chain_and_say_who_may_run_on_their_outcome():
    chain = list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())[::-1]

    assert [one.revision for one in chain] == [f"{number:04d}" for number in range(1, len(chain) + 1)]
    assert [one.revision for one in chain] == known_revisions(), "a file's name begins with its revision"
    for before, script in itertools.pairwise(chain):
        allowed = getattr(script.module, "compatible_from", None)
        if script.revision >= FIRST_RULED:
            assert allowed, f"{script.revision}: say `compatible_from`, here {before.revision!r} if it only adds"
            assert "0008" <= allowed <= script.revision
