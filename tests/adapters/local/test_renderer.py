import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import av
import pytest

from app.adapters.local.process_pool import ProcessPool
from app.adapters.local.renderer import LocalRenderer
from app.adapters.local.speech import Utterance
from app.errors import (
    LimitExceededError,
    PortraitError,
    ProviderRefusedError,
    ProviderUnavailableError,
    RenderNotFoundError,
)
from app.rendering.ports import JobStatus, RenderJob

from .conftest import MIRA, Filmed

JOB = RenderJob("token-1", "recipe", "auto", MIRA, None, (), (), 4.0, 128, 128, 15)


@pytest.fixture
async def renderer(tmp_path: Path, models_dir: Path) -> AsyncIterator[LocalRenderer]:
    async with LocalRenderer(work_dir=tmp_path / "work", models_dir=models_dir, workers=2) as opened:
        yield opened


async def test_a_job_is_filmed_and_fetched_and_the_loop_stays_free(renderer: LocalRenderer, tmp_path: Path):
    longest = 0.0  # processor time of the loop's own thread in one pass: another process does not count

    async def heartbeat() -> None:
        nonlocal longest
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.01)
            longest = max(longest, time.thread_time() - before)

    beat = asyncio.create_task(heartbeat())
    request_id = await renderer.submit(JOB)
    status = await renderer.wait(request_id)
    await renderer.fetch(request_id, tmp_path / "out.mp4")
    beat.cancel()

    assert status == JobStatus("done", 1.0)
    assert await renderer.submit(JOB) == request_id == await renderer.find("token-1")
    assert (tmp_path / "out.mp4").stat().st_size > 5_000
    assert longest < 0.25


@pytest.mark.long
async def test_workers_film_the_very_pixels_one_process_does(
    renderer: LocalRenderer, clips: list[Filmed], utterances: list[Utterance], tmp_path: Path
):
    order = clips[1].order
    job = RenderJob("t", "r", "auto", MIRA, order.wav, utterances[1].words, utterances[1].phones, None, 360, 360, 30)
    other = replace(job, token="u")

    ids = await asyncio.gather(renderer.submit(job), renderer.submit(other))
    paths = [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    for request_id, path in zip(ids, paths, strict=True):
        await renderer.wait(request_id)
        await renderer.fetch(request_id, path)

    assert ids[0] != ids[1]
    assert packets(paths[0]) == packets(paths[1])


async def test_what_it_cannot_do_is_refused_at_once(renderer: LocalRenderer, tmp_path: Path):
    wall = tmp_path / "wall.png"
    wall.write_bytes(b"no picture")

    with pytest.raises(PortraitError):
        await renderer.submit(replace(JOB, portrait=wall))
    with pytest.raises(ProviderRefusedError, match="kling"):
        await renderer.submit(replace(JOB, model="kling"))
    with pytest.raises(LimitExceededError, match="127x128"):
        await renderer.submit(replace(JOB, width=127))
    with pytest.raises(LimitExceededError, match="idle"):
        await renderer.submit(replace(JOB, idle_s=300.0))
    assert await renderer.find("token-1") is None


async def test_what_it_never_heard_of_is_unknown(renderer: LocalRenderer, tmp_path: Path):
    assert await renderer.poll("local-nothing") == JobStatus("unknown")
    with pytest.raises(RenderNotFoundError, match="local-nothing"):
        await renderer.fetch("local-nothing", tmp_path / "a.mp4")


async def test_a_cancelled_job_says_so(renderer: LocalRenderer):
    request_id = await renderer.submit(replace(JOB, idle_s=30.0))

    await renderer.cancel(request_id)

    status = await renderer.poll(request_id)
    assert status.state == "failed"
    assert "cancelled" in status.error


async def test_a_dead_worker_is_a_retryable_error_and_is_replaced():
    async with ProcessPool(1) as crew:
        with pytest.raises(ProviderUnavailableError) as caught:
            await crew.run(os._exit, 3)
        alive = await crew.run(os.getpid)

    assert caught.value.retryable
    assert alive != os.getpid()


def test_workers_leave_with_a_killed_parent():
    script = (
        "import asyncio, os\n"
        "from app.adapters.local.process_pool import ProcessPool\n"
        "async def main():\n"
        "    crew = ProcessPool(2)\n"
        "    print(*{await crew.run(os.getpid) for _ in range(2)}, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=MIRA.parents[2])
    assert parent.stdout is not None
    workers = [int(pid) for pid in parent.stdout.readline().split()]

    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    deadline = time.monotonic() + 60
    while any(is_running(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert workers
    assert not any(is_running(pid) for pid in workers)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(p) for p in container.demux(video=0) if p.size]
