"""Makes `tests/data/statements-<revision>.jsonl.gz`: every statement that an older checkout sends to its databases.

    python -m tests.compare.statements CHECKOUT

CHECKOUT is a folder with the older code in it: `git worktree add ../older <commit>`. Its own tests of the SQL adapters
are run, on SQLite and PostgreSQL, and what they send is noted.
"""

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.compare.checkout import HERE

TESTS = ("ledger", "sessions", "releases", "audit", "turn_log", "limits")
PLUGIN = Path(__file__).with_name("record_statements.py")


def main() -> None:
    """Run the checkout's tests, and keep what they sent."""
    checkout = Path(sys.argv[1]).resolve()
    versions = sorted((checkout / "app/adapters/sql/migrations/versions").glob("[0-9]*.py"))
    target = HERE / "tests" / "data" / f"statements-{versions[-1].name[:4]}.jsonl.gz"
    with tempfile.TemporaryDirectory(prefix="statements-") as made:
        shutil.copy(PLUGIN, made)
        noted = Path(made) / "statements.jsonl"
        files = [f"tests/contracts/test_{name}.py" for name in TESTS]
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", PLUGIN.stem, "-p", "no:cacheprovider", *files],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": f"{checkout}:{made}", "GREENROOM_STATEMENTS": str(noted)},
            check=False,
        )
        if ran.returncode:
            sys.exit(f"Expected the tests of {checkout} to pass; they ended with {ran.returncode}.")
        target.write_bytes(gzip.compress(noted.read_bytes(), mtime=0))
        print(f"{target.name}: {len(noted.read_text().splitlines())} statements")  # noqa: T201


if __name__ == "__main__":
    main()
