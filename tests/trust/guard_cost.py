"""Cost of the media child: `python -m tests.trust.guard_cost FOLDER` probes each MP4 below a folder there and here."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import av

from app.adapters.media_guard.guard import GUARD


def _here(film: Path) -> None:
    with av.open(str(film), format="mp4") as container:
        for _ in container.demux():
            pass


def _there(film: Path) -> None:
    GUARD.facts("film", film)


def _median_ms(work: Callable[[Path], None], films: list[Path]) -> float:
    took = []
    for film in films:
        began = time.perf_counter()
        work(film)
        took.append(time.perf_counter() - began)
    return 1000 * median(took)


def main(folder: Path) -> None:
    """Print the medians."""
    with_heads = ((path, path.open("rb").read(8)) for path in sorted(folder.rglob("*")) if path.is_file())
    films = [path for path, head in with_heads if head[4:] == b"ftyp"]
    for work in (_here, _there):
        work(films[0])
    print(
        f"{len(films)} films: {_median_ms(_there, films):.0f} ms in the child, {_median_ms(_here, films):.1f} ms here"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
