"""Plan of a large catalog against an empty store: read its files, work the keys out, make the plan."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

from tests.against.checkout import Version
from tests.against.figure import Figure, Row, Turn
from tests.benchmarks.scale.catalogs import STEPS, write

SIZE = 10_000
AVATAR = Path(__file__).parents[3] / "intents" / "avatars"


@contextmanager
def opened(version: Version) -> Iterator[Turn]:
    """A catalog of made words; each turn is a process of its own, so that its memory is its own."""
    with TemporaryDirectory() as folder:
        catalog = Path(folder) / "catalog"
        catalog.mkdir()
        write(catalog, SimpleNamespace(catalog=_small(Path(folder))), SIZE)  # type: ignore[arg-type]  # all it looks at

        def turn() -> dict[str, float]:
            told = version.printed("-m", "tests.benchmarks.scale.one_plan", str(catalog))
            found = json.loads(told.splitlines()[-1])
            return {"seconds": sum(found[step] for step in STEPS), "read": found["load"], "mb": found["mb"]}

        yield turn


def _small(folder: Path) -> Path:
    small = folder / "small"
    (small / "avatars").mkdir(parents=True)
    for name in ("mira.yaml", "mira.png"):
        shutil.copy(AVATAR / name, small / "avatars" / name)
    head = "name: Large\ndefault_locale: en\navatar: mira\n"
    (small / "catalog.yaml").write_text(head, encoding="utf-8")
    return small


FIGURE = Figure(
    name="plans",
    rows={
        "seconds": Row(
            "10", f"plan of {SIZE:,} intents, answers read as written", "processor s", "less", "2.7", 2.0, 1
        ),
        "read": Row("10", f"of it reading the files of {SIZE:,} intents", "processor s", "less", "none", None, 1),
        "mb": Row("10", f"memory at most, plan of {SIZE:,} intents", "MB", "less", "none", None),
    },
    opened=opened,
    alone=True,
)
