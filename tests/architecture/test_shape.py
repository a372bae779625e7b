"""Rules that people forget and a script remembers."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

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


CORE = (
    "audit",
    "authoring",
    "author_errors",
    "catalog",
    "conversation",
    "digest",
    "errors",
    "learning",
    "matching",
    "rendering",
    "store",
    "text",
    "tracing",
)

SMALL_WITH_ONE_IMPORTER = {
    "app/adapters/media/shrink.py": "an encoder of its own, beside the joining of videos",
    "app/adapters/disk/checksummed.py": "a file format of its own, written by one cache so far",
    "app/adapters/local/draw_portrait.py": "a script: `python -m app.adapters.local.draw_portrait`",
    "app/conversation/hot_path/turn_traces.py": "spans of a session, beside a driver that has a file's length",
    "app/catalog/picture.py": "the picture of clips and its shapes, beside a model that has a file's length",
    "app/catalog/schema.py": "the JSON Schema of catalog files",
    "app/learning/letter/page.py": "the letter in one more format, beside the others",
    "app/matching/lbfgs.py": "an algorithm under its standard name",
    "app/runtime/commands/questions.py": "what the command line shares with the server's service",
    "app/runtime/wiring/tracing.py": "the door to an extra that may not be installed",
    "app/runtime/settings/webhooks.py": "what a webhook's address and secret must be, for every setting of that kind",
    "app/runtime/wiring/visitor_speech.py": "the door to an extra, for visitors who speak",
}
"""Files under 60 lines that only one other file imports, and why they stand alone all the same."""

IMPLEMENTATIONS = re.compile(
    r"^app/(adapters/(redis|speech|sql|catalog_files/imports)|catalog/(imports|rules)|cli|web)/"
)
"""Where a short file is an implementation of a port, a rule, a format, a command or a route."""

THEATRE = re.compile(
    r"(?:^|(?<=[a-z_]))(Booth|Cast|Conduct|Courier|Crew|Desk|Gathering|Hands|House|Keeper|Party|Patience|Playing|Scene|Seat|"
    r"Shelf|Shoot|Standing|Wire|Workshop)(?=[A-Z]|$)"
)
"""Words that once named classes and told a stranger nothing."""


def _packages() -> list[Path]:
    return sorted(path for path in (ROOT / "app").rglob("__init__.py") if "migrations" not in path.parts)


@pytest.mark.parametrize("path", _packages(), ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_package_says_what_is_in_it_and_where_to_begin_and_re_exports_nothing(path):
    (only,) = ast.parse(path.read_text()).body

    assert isinstance(only, ast.Expr)
    assert isinstance(only.value, ast.Constant)
    assert isinstance(only.value.value, str)
    assert 3 <= len(only.value.value.strip().splitlines()) <= 8


def test_a_package_docstring_names_only_files_that_are_there():
    missing = [
        (str(path.relative_to(ROOT)), name)
        for path in _packages()
        for name in re.findall(r"`([\w/.]+(?:\.py|\.toml|/))`", path.read_text())
        if not (path.parent / name).exists() and not (ROOT / name).exists()
    ]

    assert missing == []


def test_a_folder_has_25_files_at_most():
    crowded = {
        str(path.parent.relative_to(ROOT)): len(list(path.parent.glob("*.py"))) - 1
        for path in (ROOT / "app").rglob("__init__.py")
        if len(list(path.parent.glob("*.py"))) - 1 > 25
    }

    assert crowded == {}


def _importers() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): str(path.relative_to(ROOT)) for path in SOURCES}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                for name in {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)} & modules.keys():
                    found.setdefault(modules[name], set()).add(str(path.relative_to(ROOT)))
    return found


def test_a_short_file_with_one_importer_belongs_to_it():
    importers = _importers()
    short = {
        name
        for path in SOURCES
        if path.name not in {"__init__.py", "__main__.py"}
        and len(path.read_text().splitlines()) < 60
        and len(importers.get(name := str(path.relative_to(ROOT)), ())) <= 1
        and not IMPLEMENTATIONS.match(name)
    }

    assert short == SMALL_WITH_ONE_IMPORTER.keys()


def _classes(*rooms: str) -> list[tuple[str, str]]:
    return [
        (node.name, str(path.relative_to(ROOT)))
        for path in SOURCES
        if not rooms or path.relative_to(ROOT / "app").parts[0].removesuffix(".py") in rooms
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
    ]


def test_no_class_name_stands_twice_in_the_core():
    places: dict[str, list[str]] = {}
    for name, path in _classes(*CORE):
        places.setdefault(name, []).append(path)

    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


ASIDE = re.compile(r"(What|Where|Whether|Who|When|How|Why|Everything|The same)\b")
"""First words that keep a reader waiting for the noun."""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_docstring_begins_with_the_noun_or_the_deed(path):
    tree = ast.parse(path.read_text())
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, kinds)]

    assert not path.read_text().strip() or ast.get_docstring(tree), "a module says what it is"
    assert [text.splitlines()[0] for text in texts if ASIDE.match(text)] == []


def test_classes_bear_the_names_of_the_trade():
    assert [(name, path) for name, path in _classes() if THEATRE.search(name)] == [
        ("StandingView", "app/web/releases/views.py")  # a name in the OpenAPI document
    ]


EDGES = {
    "app/adapters/sql/turn_log.py": "a group: whoever waits for a value of it gets the error",
    "app/adapters/local/renderer.py": "a job: whatever goes wrong is that job's failure",
    "app/cli/main.py": "the command line: one sentence, no traceback",
    "app/conversation/driver.py": "a clip at hand: as in a job",
    "app/conversation/hot_path/attempt.py": "a job: the visitor hears an apology",
    "app/matching/batching.py": "a batch: whoever waits for it gets the error",
    "app/web/chat/direct_line.py": "the socket: it is closed with a code",
    "app/web/chat/event_stream.py": "the stream: its last event is a close code",
    "app/web/chat/socket.py": "the socket: it is closed with a code",
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


def test_everyday_runs_try_the_same_values_and_fuzz_tries_others():
    fixed, random = settings.get_profile("fixed"), settings.get_profile("random")

    assert (fixed.derandomize, random.derandomize) == (True, False)
    assert fixed.database is None
    assert "-m hypothesis --hypothesis-profile=random" in (ROOT / "tests/benchmarks/Makefile").read_text()
