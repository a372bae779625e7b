"""`greenroom init` on a real terminal: what it asks, what it takes, and how it ends when nobody answers."""

import fcntl
import os
import pty
import re
import select
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

SILENCE_S = 180
"""Patience with a busy machine, in seconds; nothing is judged by it."""

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


def _own_the_terminal() -> None:
    """Make the pseudo-terminal the process's own: only then does Ctrl-C reach it."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """Program on a pseudo-terminal, with a person who waits for a question before they type."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        self._master, slave = pty.openpty()
        command = [sys.executable, "-m", "app", *arguments]
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200", "PYTHONPATH": str(Path.cwd())}
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_own_the_terminal,  # noqa: PLW1509 - one system call
        )
        os.close(slave)
        self.seen = ""

    def expect(self, words: str) -> None:
        """Read on until these words are on the screen, after what was expected before."""
        while words not in self.seen:
            assert self._read(), f"expected {words!r}, got {self.seen!r}"
        self.seen = self.seen.partition(words)[2]

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> tuple[int, str]:
        """Read until it ends; the status and the rest of the screen."""
        while self._read():
            pass
        return self._process.wait(SILENCE_S), self.seen

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], SILENCE_S)
        try:
            data = os.read(self._master, 4096) if ready else b""
        except OSError:  # Linux: the last process has closed the other end
            data = b""
        self.seen += _CONTROL.sub("", data.decode("utf-8", "replace"))
        return bool(data)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator:
    made: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        made.append(Terminal(*arguments, cwd=tmp_path))
        return made[-1]

    yield start
    for one in made:
        one.close()


def test_it_asks_three_questions_in_order_and_writes_what_was_typed(terminal, tmp_path):
    init = terminal("init", "lindenhof")

    init.expect("Name of the catalog [Lindenhof]:")
    init.type("Praxis Lindenhof\n")
    init.expect("Languages, the default one first [en]:")
    init.type("de,en\n")
    init.expect("Id of the presenter [")
    init.type("lea\n")
    status, rest = init.end()

    written = yaml.safe_load((tmp_path / "lindenhof" / "catalog.yaml").read_text())
    assert status == 0, rest
    assert "Praxis Lindenhof in lindenhof: de, en, presented by lea." in rest
    assert (written["name"], written["default_locale"], written["avatar"]) == ("Praxis Lindenhof", "de", "lea")
    assert written["locales"] == ["de", "en"]


def test_return_takes_each_suggestion_and_options_are_not_asked_for(terminal, tmp_path):
    init = terminal("init", "city-museum", "--locales", "en", "--avatar", "mira")

    init.expect("Name of the catalog [City museum]:")
    init.type("\n")
    status, rest = init.end()

    assert status == 0, rest
    assert "Languages" not in rest
    assert "Id of the presenter" not in rest
    assert yaml.safe_load((tmp_path / "city-museum" / "catalog.yaml").read_text())["name"] == "City museum"


@pytest.mark.parametrize("key", ["\x04", "\x03"], ids=["end of input", "Ctrl-C"])
def test_whoever_leaves_a_question_leaves_no_folder_behind(terminal, tmp_path, key):
    init = terminal("init", "half-made")

    init.expect("Name of the catalog")
    init.type("Half\n")
    init.expect("Languages")
    init.type(key)
    status, rest = init.end()

    assert status != 0
    assert "Traceback" not in rest
    assert not (tmp_path / "half-made").exists()


def test_an_answer_that_cannot_be_is_told_in_a_sentence_and_nothing_is_written(terminal, tmp_path):
    init = terminal("init", "odd", "--name", "Odd", "--avatar", "mira")

    init.expect("Languages")
    init.type("English, german!\n")
    status, rest = init.end()

    assert status == 1
    assert "Traceback" not in rest
    assert "english" in rest.lower().replace("\n", " ")
    assert not (tmp_path / "odd").exists()


def test_json_asks_nothing_even_on_a_terminal(terminal, tmp_path):
    status, rest = terminal("init", "quiet", "--json").end()

    assert status == 0, rest
    assert "Name of the catalog" not in rest
    assert (tmp_path / "quiet" / "catalog.yaml").is_file()
