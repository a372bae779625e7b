"""`serve --warm` as an operator and a visitor live it: it talks before all is filmed, and goes on after any end."""

import asyncio
import json
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import urlopen

import pytest

from tests.money.crash.lane import lane
from tests.money.crash.places import FPS, SIDE_PX, vendor_environment
from tests.support.chat_client import ChatClient
from tests.support.in_process import run_here
from tests.support.sites import SMALL, Site, small_site

VENDOR = "fal"


@dataclass
class Warming:
    """A server that films behind; its log is read as it comes."""

    process: subprocess.Popen[str]
    address: str = ""

    def until(self, event: str) -> dict:
        """Read the log up to an event."""
        assert self.process.stderr
        for line in self.process.stderr:
            told = json.loads(line)
            if told["event"] == event:
                return told
        raise AssertionError(f"it ended before {event}")

    def ready(self) -> None:
        """Wait until it says that it is ready, and where."""
        assert self.process.stdout
        found = re.search(r"http://\S+", self.process.stdout.readline())
        assert found
        self.address = found[0].rstrip("/")

    def progress(self) -> dict:
        """What the demo page is told."""
        with urlopen(f"{self.address}/demo/progress.json", timeout=60) as answer:  # noqa: S310 - ours
            return json.load(answer)

    def end(self, with_signal: signal.Signals) -> int:
        """Send a signal; the status."""
        self.process.send_signal(with_signal)
        self.process.communicate(timeout=120)
        return self.process.returncode


@contextmanager
def serving(site: Site) -> Iterator[Warming]:
    process = subprocess.Popen(
        site.command("serve", "--warm", "--port", "0"),
        env={**site.environment(), "GREENROOM_LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Warming(process)
    finally:
        process.kill()
        process.communicate()


def renders(site: Site) -> Counter[str]:
    """How many finished renders each recipe has."""
    found = json.loads(run_here(site, "renders", "--limit", "1000", "--json").stdout)["renders"]
    return Counter(render["recipe_key"] for render in found if render["state"] == "ready")


@pytest.mark.long
def test_it_talks_before_all_is_filmed_and_goes_on_after_a_kill_and_a_stop(tmp_path):
    site = small_site(tmp_path)
    with serving(site) as killed:
        killed.until("warm.clip_rendered")
        killed.process.send_signal(signal.SIGKILL)
        killed.process.wait(60)

    with serving(site) as stopped:
        stopped.until("warm.begun")
        assert stopped.end(signal.SIGTERM) == 0

    with serving(site) as node:
        node.ready()
        session, heard = asyncio.run(_visit(node.address))
        shown = node.progress()
        told = node.until("warm.ended")
        after = node.progress()
        assert node.end(signal.SIGINT) == 0

    assert (bool(session["greeting"]), bool(session["avatar"]["idle"])) == (True, True)
    assert [one["intent"] for one in heard if one["type"] == "response.clip" and one["role"] == "answer"] == ["dogs"]
    assert heard[-1]["outcome"] == "answered"
    assert shown["clips"] == after["filmed"] == after["clips"] == 15
    assert not after["going_on"]
    assert (told["ended"], told["left"]) == ("finished", 0)
    assert sorted(renders(site).values()) == [1] * 15
    assert run_here(site, "plan").returncode == 0
    assert run_here(site, "store", "verify").returncode == 0


async def _visit(address: str) -> tuple[dict, list[dict]]:
    """Ask for an answer that comes late in the order."""
    async with ChatClient(address) as chat:
        await chat.send("input.text", id="q1", text="Can I bring my dog?")
        heard = await chat.receive_until("response.done", within_s=120)
        return chat.session, heard


def test_nothing_is_paid_that_nobody_agreed_to(tmp_path):
    avatar = {**SMALL, "renderers": [VENDOR, "local"], "video": {"height": SIDE_PX, "fps": FPS[VENDOR]}}
    site = small_site(tmp_path, **{"avatars/mira.yaml": avatar})
    with lane(VENDOR) as vendor:
        told = {
            "GREENROOM_QUALITY_GATE": "media",
            "GREENROOM_BUDGET_DAY_USD": "100",
            **vendor_environment(VENDOR, vendor.url),
        }
        served = run_here(site, "serve", "--warm", "--port", "0", **told)
        shown = run_here(site, "demo", "--port", "0", **told)
        bill = vendor.bill()

    for refused in (served, shown):
        assert refused.returncode == 1
        assert "Use --yes" in refused.stderr
    assert bill["jobs_charged"] == 0
