"""One serving node a SQLite file; a crash leaves nothing in the way."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import serving_alone

_HOLDER = """
import sys, time
from app.runtime.wiring.database import serving_alone
from app.runtime.settings.site import Settings
with serving_alone(Settings(database_url=sys.argv[1])):
    print("holding", flush=True)
    time.sleep(600)
"""


def settings(path: Path) -> Settings:
    return Settings(database_url=f"sqlite+aiosqlite:///{path}")


def a_node(path: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", _HOLDER, f"sqlite+aiosqlite:///{path}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    return process


def test_a_second_server_is_told_who_is_there_and_what_to_do(tmp_path):
    with serving_alone(settings(tmp_path / "state.db")):
        with (
            pytest.raises(SettingsError, match=r"process \d+ on .*PostgreSQL with GREENROOM_DATABASE_URL"),
            serving_alone(settings(tmp_path / "state.db")),
        ):
            pass
        with serving_alone(settings(tmp_path / "other.db")):
            pass


def test_a_server_that_ended_is_in_nobodys_way(tmp_path):
    with serving_alone(settings(tmp_path / "state.db")):
        pass
    with serving_alone(settings(tmp_path / "state.db")):
        pass


def test_a_killed_server_is_in_nobodys_way(tmp_path):
    node = a_node(tmp_path / "state.db")
    try:
        with pytest.raises(SettingsError, match=f"process {node.pid}"), serving_alone(settings(tmp_path / "state.db")):
            pass
    finally:
        node.send_signal(signal.SIGKILL)
        node.communicate()

    with serving_alone(settings(tmp_path / "state.db")):
        pass


def test_a_uri_and_a_path_of_one_file_share_the_lock(tmp_path):
    uri = f"sqlite+aiosqlite:///file:{tmp_path / 'state.db'}?immutable=1&uri=true"

    with (
        serving_alone(settings(tmp_path / "state.db")),
        pytest.raises(SettingsError, match="another server does"),
        serving_alone(Settings(database_url=uri)),
    ):
        pass


@pytest.mark.parametrize(
    "url", ["postgresql://host/name", "no address at all", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true"]
)
def test_other_addresses_are_not_its_business(url):
    with serving_alone(Settings(database_url=url)), serving_alone(Settings(database_url=url)):
        pass
