"""Rules that people forget and a script remembers."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for path in (ROOT / "app").rglob("*.py") if "migrations" not in path.parts)


def test_imports_point_downward():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_350_lines_at_most(path):
    assert len(path.read_text().splitlines()) <= 350


def test_data_folders_hold_no_code():
    code = [path for folder in ("intents", "cache") for path in (ROOT / folder).rglob("*.py")]

    assert code == []


def _packages() -> list[Path]:
    return sorted(path for path in (ROOT / "app").rglob("__init__.py") if "migrations" not in path.parts)


@pytest.mark.parametrize("path", _packages(), ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_package_says_what_is_in_it_and_where_to_begin_and_re_exports_nothing(path):
    (only,) = ast.parse(path.read_text()).body

    assert isinstance(only, ast.Expr)
    assert isinstance(only.value, ast.Constant)
    assert isinstance(only.value.value, str)
    assert 3 <= len(only.value.value.strip().splitlines()) <= 8


EDGES = {
    "app/adapters/sql/turn_log.py": "a group: whoever waits for a value of it gets the error",
    "app/adapters/local/renderer.py": "a job: whatever goes wrong is that job's failure",
    "app/cli/main.py": "the command line: one sentence, no traceback",
    "app/conversation/driver.py": "a job: the visitor hears an apology",
    "app/matching/batching.py": "a batch: whoever waits for it gets the error",
    "app/web/socket.py": "the socket: it is closed with a code",
}
"""Where everything may be caught, and what becomes of it."""


def test_errors_are_caught_broadly_at_the_edges_only():
    """Tidying up and raising again, or raising our own error from it, is not catching."""
    broad = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
        and not isinstance(node.body[-1], ast.Raise)
    }

    assert broad == set(EDGES)


def test_nothing_names_this_workplace():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    words = re.compile(r"(?<!\w)/work/|\.\./shared|/tmp/gr|pypi\.org|registry\.npmjs|download\.pytorch")
    texts = [ROOT / name for name in tracked if name and Path(name).suffix not in {".png", ".jpg", ".mp4"}]

    named = [
        path.name
        for path in texts
        if path != Path(__file__) and path.exists() and words.search(path.read_text(errors="replace"))
    ]

    assert named == []
