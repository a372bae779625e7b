"""One plan in a process of its own: `... one_plan CATALOG` prints seconds and MB as JSON."""

# ruff: noqa: T201 -- it is a command

import asyncio
import json
import resource
import sys
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from app.rendering.plan.clips import catalog_clips
from app.rendering.plan.planner import make_plan, take_stock
from app.rendering.plan.providers import providers_of
from app.runtime.settings.site import load_settings
from app.runtime.wiring.providers import open_renderers, open_speech
from app.runtime.wiring.store_and_encoder import open_catalog, open_store


async def measured(catalog_folder: Path, cache: Path) -> dict[str, float]:
    """Processor seconds of each step, and the most memory that was in use."""
    settings = load_settings(catalog=catalog_folder, cache=str(cache))
    marks = [time.process_time()]
    catalog = open_catalog(settings)
    marks.append(time.process_time())
    async with open_renderers(settings) as renderers:
        wanted = catalog_clips(catalog, providers_of(catalog.avatar, speech=open_speech(), renderers=renderers))
        facts = {name: renderer.capabilities for name, renderer in renderers.items()}
        marks.append(time.process_time())
        stock = await take_stock(open_store(settings).recipes, wanted)
        marks.append(time.process_time())
        plan = make_plan(wanted, stock, capabilities=facts)
        marks.append(time.process_time())
    assert len(plan.items) >= len(catalog.intents)
    seconds = [after - before for before, after in pairwise(marks)]
    most_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return dict(zip(("load", "clips", "stock", "plan"), seconds, strict=True)) | {"mb": most_kib / 1024}


if __name__ == "__main__":
    with TemporaryDirectory() as store:
        print(json.dumps(asyncio.run(measured(Path(sys.argv[1]), Path(store)))))
