"""Films one clip by two fresh workers and prints what it cost: run by each version, with its own code.

    python film_clip.py WAV PHONES.json PORTRAIT MODEL MODELS_DIR OUT.mp4

It knows only what both versions have. Workers have loaded their code when the count begins; opening the painter, in
each of them, is counted.
"""

# ruff: noqa: T201 -- what called it reads its last line

import asyncio
import json
import multiprocessing
import os
import sys
import tempfile
import wave
from pathlib import Path

from app.adapters.local.renderer import LocalRenderer
from app.rendering.ports import RenderJob, TimedSpan

SIDE, FPS = 720, 30


def used_s() -> float:
    """Processor time of this process and its workers, in seconds."""
    ticks = 0
    for pid in (os.getpid(), *(child.pid for child in multiprocessing.active_children())):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def filmed(job: RenderJob, models_dir: Path, out: Path) -> float:
    """Film, fetch, and return the processor time in seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        async with LocalRenderer(work_dir=Path(scratch), models_dir=models_dir, workers=2) as renderer:
            await renderer.warm()
            before_s = used_s()
            request_id = await renderer.submit(job)
            status = await renderer.wait(request_id)
            spent_s = used_s() - before_s
            if status.state != "done":
                raise RuntimeError(f"{status.state}: {status.error}")
            await renderer.fetch(request_id, out)
    return spent_s


def main(wav: Path, phones: Path, portrait: Path, model: str, models_dir: Path, out: Path) -> None:  # noqa: PLR0917
    """Film, and tell what it cost."""
    spoken = tuple(TimedSpan(*one) for one in json.loads(phones.read_text()))
    job = RenderJob("token", "recipe", model, portrait, wav, (), spoken, None, SIDE, SIDE, FPS)
    spent_s = asyncio.run(filmed(job, models_dir, out))
    with wave.open(str(wav), "rb") as sound:
        length_s = sound.getnframes() / sound.getframerate()
    print(json.dumps({"spent_s": spent_s, "length_s": length_s}))


if __name__ == "__main__":
    files = [Path(argument) for argument in sys.argv[1:]]
    main(*files[:3], sys.argv[4], *files[4:])
