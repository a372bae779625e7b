"""A worker process of its own: `greenroom warm` as the runtime puts it together, killed at a named point.

The kill is SIGKILL, as if the machine had gone: no handler runs, nothing is flushed. Only waiting is made shorter: the
lease, how often the vendor is asked, and how long it may keep a job from us.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.adapters.vendors.facts import load_facts
from app.adapters.vendors.registry import VENDORS
from app.cli.options import new_loop
from app.rendering.work.studio import Studio
from app.rendering.work.warm import warm
from app.rendering.work.warm_events import Summary
from app.runtime.commands.plan import plan_catalog
from app.runtime.settings.site import load_settings
from app.runtime.settings.vendors import VendorSettings
from app.runtime.wiring.site import open_site
from tests.money.crash.places import Place

POINTS = (
    "wanted", "claimed", "prepared", "begun", "accepted", "submitted", "polled", "done", "downloaded", "fetched",
    "marked", "blobs_stored", "stored",
)  # fmt: skip
"""In order. `begun`: the intent to pay is written, nothing is sent; `accepted`: the answer is read, not kept yet."""

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload([__name__])


HASTY: Mapping[str, Any] = {"grace_s": 1.0, "poll_every_s": 0.1}


PRICED: Mapping[str, Mapping[str, Any]] = {"http": {"models": {"renderer": {"price_per_s": "0.01"}}}}
"""What a team that counts its GPU writes into `providers.toml`: without a price nothing can be paid twice."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a worker is to do. `hasty` are facts of the vendor that are laid over the shipped ones."""

    place: Place
    kill_at: str = ""
    lease_s: float = 2.0
    at_once: int = 1
    hasty: Mapping[str, Any] = field(default_factory=lambda: HASTY)


def start(orders: Orders) -> multiprocessing.process.BaseProcess:
    """A worker at work."""
    process = FORK.Process(target=work, args=(orders,), daemon=True)
    process.start()
    return process


def run(orders: Orders, *, timeout_s: float = 180.0) -> int | None:
    """A worker until it ends, by itself or not; its exit code, -9 when it was killed."""
    process = start(orders)
    process.join(timeout_s)
    if process.is_alive():
        process.kill()
        process.join()
        raise TimeoutError(f"A worker hung: {orders}")
    return process.exitcode


def work(orders: Orders) -> None:
    """Warm the place; what fails is told on standard error and left as it stands."""
    os.environ.update(orders.place.environment)
    with asyncio.Runner(loop_factory=new_loop) as runner:
        summary = runner.run(carry_out(orders))
    for failure in summary.failures:
        sys.stderr.write(f"{orders.place.vendor}: {failure.code}: {failure.message}\n")


async def carry_out(orders: Orders) -> Summary:
    """What the command does, with the studio's patience cut short."""
    settings = load_settings()
    async with open_site(settings) as site:
        plan, studio = await plan_catalog(site), hurried(site.studio, orders)
        return await warm(plan, studio, avatar=site.catalog.avatar, concurrency=orders.at_once)


def hurried(studio: Studio, orders: Orders) -> Studio:
    """The same studio in a hurry, told where to die."""

    def checkpoint(name: str) -> None:
        if name == orders.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    name = orders.place.vendor
    access = VendorSettings().access(name, public_url=orders.place.hooks_url)
    renderer = VENDORS[name](load_facts({name: {**PRICED.get(name, {}), **orders.hasty}})[name], access)
    return replace(
        studio,
        renderers={**studio.renderers, name: renderer},
        inspector=None,  # a still picture with a patch for a mouth would not pass, and is not what is tried here
        lease_s=orders.lease_s,
        look_every_s=0.05,
        checkpoint=checkpoint,
    )
