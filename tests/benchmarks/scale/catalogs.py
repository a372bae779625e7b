"""How a plan grows with the catalog: read from its files, worked out against an empty and a full store."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from tests.support.sites import Site

SIZES = tuple(int(one) for one in os.environ.get("GREENROOM_BENCH_INTENTS", "1000,10000,100000").split(","))

STEPS = ("load", "clips", "stock", "plan")


def plans(site: Site) -> str:
    """A process of its own for each size, so that its memory is the size's own."""
    rows = [_row(size, _measured(site, size)) for size in SIZES]
    return (
        "## Plans\n\n{taken}\n\n"
        "| intents | read the catalog, s | work the recipe keys out, s | take stock, s | make the plan, s |"
        " memory at most, MB |\n"
        "|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n"
        "Processor seconds of one core, store empty: every clip is new. One file an intent, five phrases and one "
        "answer in each. "
        "Each step goes by the number of intents; a full store adds the reading of one small file a clip (see "
        "[money](money.md#a-large-catalog-make-warm-scale))."
    )


def _measured(site: Site, size: int) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        write(Path(folder), site, size)
        command = [sys.executable, "-m", "tests.benchmarks.scale.one_plan", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _row(size: int, found: dict[str, float]) -> str:
    return f"| {size:,} | {' | '.join(f'{found[step]:.1f}' for step in STEPS)} | {found['mb']:,.0f} |"


def write(folder: Path, site: Site, size: int) -> None:
    """The small site's catalog, its topics replaced by `size` intents of made words."""
    head = yaml.safe_load((site.catalog / "catalog.yaml").read_text(encoding="utf-8"))
    kept = {name: head[name] for name in ("name", "default_locale", "avatar") if name in head}
    (folder / "catalog.yaml").write_text(yaml.safe_dump(kept), encoding="utf-8")
    avatars = folder / "avatars"
    avatars.mkdir()
    for file in (site.catalog / "avatars").iterdir():
        (avatars / file.name).write_bytes(file.read_bytes())
    for number in range(size):
        topic = folder / f"t{number // 1000}"
        topic.mkdir(exist_ok=True)
        phrases = "".join(
            f"    - where is {word} {number} in the hall\n" for word in ("desk", "room", "case", "door", "shelf")
        )
        answer = f"Place {number} is in hall {number // 7}."
        text = f"title: Place {number}\nphrases:\n  en:\n{phrases}answer:\n  en: {answer}\n"
        (topic / f"place-{number}.yaml").write_text(text, encoding="utf-8")
