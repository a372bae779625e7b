"""Process that looks at media: what it may import, what it is told, and that nobody waits for it for ever."""

import contextlib
import errno
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from app.adapters.media_guard.guard import MediaGuard
from app.errors import MediaError, StoreFullError

_TREE = Path(__file__).parents[3]

_LOOK = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from app.adapters.media_guard.guard import MediaGuard
guard = MediaGuard()
print(guard.facts("sound", Path(sys.argv[2]))["format"])
guard.close()
"""


@pytest.fixture
def guard():
    guard = MediaGuard()
    yield guard
    guard.close()


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "sound.wav"
    size = 9600
    head = b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    shape = b"\1\0\1\0" + (48_000).to_bytes(4, "little") + (96_000).to_bytes(4, "little") + b"\2\0\x10\0"
    path.write_bytes(head + shape + b"data" + size.to_bytes(4, "little") + bytes(size))
    return path


def test_it_ends_without_a_word_where_whoever_asked_is_gone(sound):
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "app.adapters.media_guard.child"],
        cwd=_TREE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    child.stdout.close()
    _, told = child.communicate(b'{"kind": "sound", "path": "%s"}\n' % str(sound).encode(), timeout=300)

    assert told == b""
    assert child.returncode == 0


def test_code_in_the_current_folder_does_not_run(tmp_path, sound):
    folder = tmp_path / "anybodys"
    (folder / "app").mkdir(parents=True)
    for name in ("json.py", "app/__init__.py"):
        (folder / name).write_text(f"from pathlib import Path\nPath({str(tmp_path / 'ran')!r}).touch()\n")
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONSAFEPATH"}}

    done = subprocess.run(
        [sys.executable, "-P", "-c", _LOOK, str(_TREE), str(sound)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.stdout == "wav\n", done.stderr
    assert not (tmp_path / "ran").exists()


def test_the_child_has_no_secret(guard, sound, monkeypatch):
    monkeypatch.setenv("GREENROOM_API_KEY", "secret")
    monkeypatch.setenv("SOME_TOKEN", "secret")

    guard.facts("sound", sound)

    told = Path(f"/proc/{guard._child.pid}/environ")
    if not told.exists():
        pytest.skip("no /proc to read an environment from")
    content = told.read_bytes()
    assert b"PYTHONPATH=" in content
    assert b"secret" not in content


def test_a_child_that_hangs_is_ended_and_the_next_file_is_looked_at(guard, sound):
    guard.facts("sound", sound)
    hanging = guard._child
    os.kill(hanging.pid, signal.SIGSTOP)

    guard.answer_s = 0.2
    with contextlib.suppress(MediaError):  # the second child may start quicker than that, or not
        guard.facts("sound", sound)

    assert hanging.poll() == -signal.SIGKILL
    guard.answer_s = 120.0
    assert guard.facts("sound", sound)["format"] == "wav"


def test_closing_does_not_wait_for_a_child_that_hangs(sound):
    guard = MediaGuard(answer_s=100_000.0)
    guard.facts("sound", sound)
    hanging = guard._child
    os.kill(hanging.pid, signal.SIGSTOP)
    said = []

    def ask() -> None:
        try:
            guard.facts("sound", sound)
        except MediaError as error:
            said.append(str(error))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    while not guard._lock.locked():
        asking.join(0.01)
    guard.close()
    asking.join(60)

    assert not asking.is_alive()
    assert hanging.poll() == -signal.SIGKILL
    assert len(said) == 1
    assert guard._child is None


@pytest.mark.parametrize(("number", "raised"), [(errno.ENOSPC, StoreFullError), (errno.EACCES, MediaError)])
def test_a_temporary_disk_that_takes_nothing_is_told(guard, monkeypatch, number, raised):
    def refuse(prefix):
        raise OSError(number, os.strerror(number), prefix)

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)

    with pytest.raises(raised):
        guard.facts("picture", b"\x89PNG")
