"""The edge: errors become one sentence, a terminal is not needed, and help loads nothing heavy."""

import json
import signal
import subprocess
import sys
import time

import pytest

from app.cli.stores import store
from app.errors import ConsentMissingError
from tests.cli.conftest import Greenroom
from tests.support.long import all_long_but
from tests.support.sites import Site, small_site

HEAVY = ("torch", "transformers", "cv2", "onnxruntime", "onnx", "av", "scipy", "sqlalchemy", "fastapi", "hibari")


def loaded_by(code: str) -> set[str]:
    """Which of the heavy packages a piece of Python has imported at its end."""
    asking = f"import sys\n{code}\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split())


def test_help_loads_nothing_heavy():
    help_ = "from app.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass"

    assert loaded_by(help_) == set()


WANTED = [
    ("app.cli.ask", {"cv2", "onnxruntime", "av", "sqlalchemy", "fastapi", "torch"}),
    ("app.cli.turns", {"cv2", "onnxruntime", "av", "fastapi", "torch"}),
    ("app.cli.stores.store", set(HEAVY)),
    ("app.cli.schema", set(HEAVY)),
    ("app.cli.plan_and_warm", {"torch", "transformers", "fastapi"}),
]
"""Modules of commands, and what each may not load; each is a process of its own."""


@pytest.mark.parametrize(
    ("module", "unwanted"),
    all_long_but(WANTED, WANTED[0]),
)
def test_a_command_loads_what_it_needs_only(module, unwanted):
    assert loaded_by(f"import {module}") & unwanted == set()


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ConsentMissingError("Expected consent, got none."), "consent_missing", "Expected consent, got none."),
        (
            PermissionError(13, "Permission denied", "/srv/clips"),
            "internal",
            "Cannot use `/srv/clips`: Permission denied.",
        ),
        (OSError(28, "No space left on device"), "internal", "Cannot go on: No space left on device."),
        (ValueError("surprise"), "internal", "Cannot finish: ValueError: surprise."),
        (ExceptionGroup("many", [ConsentMissingError("In a group.")]), "consent_missing", "In a group."),
    ],
    ids=lambda value: getattr(value, "code", None) or type(value).__name__,
)
def test_every_error_is_one_sentence_with_a_code(greenroom: Greenroom, monkeypatch, error, code, words):
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(store, "open_store", broken)

    plain, document = greenroom("store", "stats"), greenroom("store", "stats", "--json")

    assert (plain.code, document.code) == (1, 1)
    assert plain.out == ""
    assert plain.err.count("\n") == 1
    assert f"({code})" in plain.err
    assert words in plain.err
    assert document.document["error"]["code"] == code
    assert set(document.document["error"]) == {"code", "message", "retryable"}


def test_ctrl_c_is_status_130_and_no_traceback(greenroom: Greenroom, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "open_store", interrupted)

    assert greenroom("store", "stats").code == 130


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("GREENROOM_LOG_LEVEL", "loud", "settings_invalid"),
        ("GREENROOM_DATABASE_URL", "nonsense", "settings_invalid"),
        ("GREENROOM_DATABASE_URL", "sqlite+aiosqlite:////proc/nowhere/x.db", "settings_invalid"),
    ],
)
def test_a_bad_setting_is_named(greenroom: Greenroom, monkeypatch, name, value, code):
    monkeypatch.setenv(name, value)

    told = greenroom("misses", site=None)

    assert told.code == 1
    assert f"({code})" in told.err
    assert name in told.err


def test_a_file_that_is_no_database_is_named(greenroom: Greenroom, monkeypatch, tmp_path):
    (tmp_path / "letters.db").write_text("Dear Ada, " * 1000)
    monkeypatch.setenv("GREENROOM_DATABASE_URL", f"sqlite:///{tmp_path / 'letters.db'}")

    told = greenroom("misses", site=None)

    assert told.code == 1
    assert "not a database" in told.err


@pytest.mark.parametrize("command", ["plan", "warm", "demo", "ask hello", "eval", "serve --port 0"])
def test_no_catalog_is_said_by_every_command(greenroom: Greenroom, tmp_path, command):
    told = greenroom(*command.split(), site=Site(tmp_path))

    assert told.code == 1
    assert str(tmp_path / "intents") in told.err
    assert "--catalog DIR" in told.err


def test_without_a_terminal_there_is_no_colour_and_no_bar(warmed_site: Site):
    environment = {key: value for key, value in warmed_site.environment().items() if key != "NO_COLOR"}
    run = subprocess.run(
        warmed_site.command("store", "verify"), env=environment, capture_output=True, text=True, check=True
    )

    assert "\x1b" not in run.stdout + run.stderr
    assert run.stderr == ""


def test_a_reader_that_leaves_early_is_no_error():
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "schema", "intent"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    process.stdout.close()
    process.stdout = None

    _, told = process.communicate(timeout=60)

    assert process.returncode in {0, 1}
    assert told == ""


@pytest.mark.long
def test_an_interrupted_warm_leaves_nothing_broken_and_goes_on(greenroom: Greenroom, tmp_path):
    site = small_site(tmp_path)

    _interrupt(site, signal.SIGTERM, status=143)
    _interrupt(site, signal.SIGINT, status=130)

    assert greenroom("store", "verify", site=site).code == 0
    again = greenroom("warm", "--json", site=site).lines[-1]
    assert again["ended"] == "finished"
    assert again["clips_unchanged"] >= 2
    ready = [r for r in greenroom("renders", "--json", site=site).document["renders"] if r["state"] == "ready"]
    assert len({render["recipe_key"] for render in ready}) == len(ready) == 15


def _interrupt(site: Site, sent: signal.Signals, *, status: int) -> None:
    """Warm until a clip is done, then send a signal: its status, a summary last, no word but that, no process left."""
    before = signal.SIG_DFL if sent is signal.SIGINT else signal.SIG_IGN
    process = subprocess.Popen(
        site.command("warm", "--json"),
        env=site.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # As a shell starts a job in the background; it must still end on SIGTERM.
        preexec_fn=lambda: signal.signal(signal.SIGINT, before),  # noqa: PLW1509 -- no threads here
    )
    assert process.stdout is not None
    line = ""
    while '"clip.finished"' not in line:
        line = process.stdout.readline()
        assert line, "ended before a clip was done"

    process.send_signal(sent)
    out, err = process.communicate(timeout=60)

    assert process.returncode == status
    assert err.count("\n") <= 1
    summary = json.loads(out.splitlines()[-1])
    assert (summary["ended"], summary["cause"]) == ("cancelled", "cancelled")
    assert _left_of(process.pid) == []


def _left_of(session: int) -> list[str]:
    """Processes that stay: on a busy machine the kernel takes a moment to clear a dead one away."""
    end = time.monotonic() + 60
    while (left := _processes_of(session)) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def _processes_of(session: int) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "sess,pid,args"], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if line.split()[0] == str(session) and "<defunct>" not in line]
