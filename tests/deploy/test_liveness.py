"""A worker's liveness: its own heartbeat, looked at by a command that costs next to nothing."""

import asyncio
import os
import re
import resource
import shlex
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from app.errors import SettingsError
from app.worker import BEAT_EVERY_S, beating
from tests.deploy.files import ROOT

MOST_S = 0.05
"""Processor time of one probe."""

OLD_S = 600


def compose_probe() -> list[str]:
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["worker"]
    kind, *command = service["healthcheck"]["test"]
    assert kind == "CMD"
    assert _file(command) in service["command"]
    return command


def kubernetes_probe() -> list[str]:
    documents = yaml.safe_load_all((ROOT / "deploy" / "kubernetes" / "worker.yaml").read_text())
    (container,) = next(one for one in documents if one["kind"] == "Deployment")["spec"]["template"]["spec"][
        "containers"
    ]
    command: list[str] = container["livenessProbe"]["exec"]["command"]
    assert command == container["startupProbe"]["exec"]["command"]
    assert _file(command) in container["args"]
    return command


def _file(command: list[str]) -> str:
    found = re.search(r"find (\S+)", " ".join(command))
    assert found
    return found[1]


@pytest.fixture(params=[compose_probe, kubernetes_probe])
def probe(request, tmp_path: Path) -> tuple[list[str], Path]:
    """The command as the file has it, about a file of this test."""
    command = request.param()
    beat = tmp_path / "beat"
    return [part.replace(_file(command), str(beat)) for part in command], beat


def ask(command: list[str]) -> tuple[int, float]:
    """Status and processor seconds of the command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status = subprocess.run(command, check=False, env={"PATH": os.environ["PATH"]}).returncode
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return status, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_a_probe_tells_a_live_worker_from_a_dead_one_for_less_than_50_ms(probe):
    command, beat = probe
    assert ask(command)[0] == 1, "no heartbeat yet"

    beat.touch()
    figures = [ask(command) for _ in range(5)]
    assert [status for status, _ in figures] == [0] * 5
    assert min(used_s for _, used_s in figures) < MOST_S, figures

    then = time.time() - OLD_S
    os.utime(beat, (then, then))
    assert ask(command)[0] == 1, "it stopped"
    assert not any("python" in part or "greenroom" in part for part in map(shlex.quote, command[:1]))


def test_a_probe_waits_for_several_heartbeats(probe):
    command, _ = probe
    minutes = re.search(r"-mmin -(\d+)", " ".join(command))

    assert minutes
    assert int(minutes[1]) * 60 >= 6 * BEAT_EVERY_S


async def test_the_heart_beats_while_the_loop_runs_and_the_file_goes_with_it(tmp_path):
    beat = tmp_path / "beat"
    async with beating(beat, every_s=0.01):
        os.utime(beat, (1, 1))
        async with asyncio.timeout(60):
            while beat.stat().st_mtime < 2:  # noqa: ASYNC110 - the file system tells nobody
                await asyncio.sleep(0.01)

    assert not beat.exists()


async def test_the_heart_stops_when_the_loop_is_stuck(tmp_path):
    beat = tmp_path / "beat"
    async with beating(beat, every_s=0.01):
        os.utime(beat, (1, 1))
        time.sleep(0.1)  # noqa: ASYNC251 - what a stuck loop is
        assert beat.stat().st_mtime == 1


async def test_a_heartbeat_that_cannot_be_written_is_told_at_once(tmp_path):
    with pytest.raises(SettingsError, match="name another file"):
        async with beating(tmp_path / "nowhere" / "beat"):
            pass
