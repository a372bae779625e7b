"""A newer Greenroom, as far as its database goes: the migrations of today and one more."""

import shutil
from pathlib import Path

import pytest

from app.adapters.sql import migrate as module
from app.adapters.sql.engine import Database
from app.adapters.sql.migrate import migrate, schema_of

MIGRATIONS = Path(module.__file__).parent / "migrations"

NEXT = "9001"
"""Revision that no version has."""

ADDS = 'op.add_column("renders", sa.Column("mood", sa.String(20), nullable=True))'
TAKES = 'op.drop_column("turns", "comment")'

_MIGRATION = '''"""What a newer version does."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None
{says}


def upgrade() -> None:
    {deed}
'''


async def migrated_by_newer(url: str, folder: Path, *, deed: str = ADDS, compatible: bool) -> None:
    """Bring a database to a schema that today's code does not know, as its newer self would."""
    migrations = shutil.copytree(MIGRATIONS, folder / "newer-migrations")
    database = Database(url)
    newest = (await schema_of(database)).newest
    says = f'compatible_from = "{newest}"' if compatible else ""
    text = _MIGRATION.format(revision=NEXT, before=newest, says=says, deed=deed)
    (migrations / "versions" / f"{NEXT}_newer.py").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MIGRATIONS", migrations)
        patch.setattr(module, "version", lambda _: "7.1.0")
        await migrate(database)
    await database.close()
