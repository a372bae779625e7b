"""Two nodes serve the current release; a new one is published while visitors ask, and another is taken back."""

import asyncio
import json
import time
from urllib.request import urlopen

import pytest

from tests.support.catalogs import write_file
from tests.support.chat_client import ChatClient
from tests.support.redis import a_redis
from tests.support.sites import Node, Site

LIFT = {
    "title": "The lift",
    "phrases": {"en": ["Where is the lift?", "Is there a lift?", "lift please", "How do I get upstairs?", "elevator"]},
    "answer": {"en": "A ticket is twelve euros."},
}


@pytest.fixture
def shared(warmed_site, tmp_path, postgres):
    """A site to be edited, and what its nodes share."""
    with a_redis(tmp_path) as redis:
        yield warmed_site.copied(tmp_path / "site"), postgres, redis


def get(url: str) -> dict:
    with urlopen(url, timeout=60) as answer:  # noqa: S310 - the server this test started
        return json.load(answer)


async def served(node: Node, label: str) -> None:
    """Until the node says so."""
    end = time.monotonic() + 60
    while not (await asyncio.to_thread(get, f"{node.address}/readyz"))["release"].startswith(label):
        assert time.monotonic() < end, f"no node served {label!r}"
        await asyncio.sleep(0.1)


async def talk(node: Node, over: asyncio.Event, turns: list[tuple[str, str]]) -> None:
    """Ask until the end; note every turn with how it ended."""
    async with ChatClient(node.address) as chat:
        while not over.is_set():
            messages = await chat.ask("When are you open?")
            done = messages[-1]
            turns.append((done["turn"], done["outcome"]))
            await asyncio.sleep(0.3)  # often enough that every switch falls between questions


async def asked_once(node: Node, text: str) -> str | None:
    async with ChatClient(node.address) as chat:
        messages = await chat.ask(text)
        return next((message.get("intent") for message in messages if message["type"] == "response.clip"), None)


@pytest.mark.long
async def test_no_turn_is_dropped_and_every_node_switches(shared):
    site, postgres, redis = shared
    mine = {
        "GREENROOM_DATABASE_URL": await postgres.empty_database(),
        "GREENROOM_REDIS_URL": redis.url,
        "GREENROOM_SERVE": "release",
    }
    first = await asyncio.to_thread(published, site, mine)
    with site.node(**mine) as one, site.node(**mine) as two:
        over, turns = asyncio.Event(), list[tuple[str, str]]()
        talking = [asyncio.create_task(talk(node, over, turns)) for node in (one, two, one, two)]

        write_file(site.catalog / "visiting" / "lift.yaml", LIFT)
        second = await asyncio.to_thread(published, site, mine)
        await asyncio.gather(served(one, f"{second}-"), served(two, f"{second}-"))
        new = [await asked_once(node, "Where is the lift?") for node in (one, two)]
        back = await asyncio.to_thread(site.run, "release", "use", str(first), **mine)
        await asyncio.gather(served(one, f"{first}-"), served(two, f"{first}-"))
        old = await asked_once(one, "Where is the lift?")
        over.set()
        await asyncio.gather(*talking)
        releases = {get(f"{one.address}/v1/turns/{turn}")["receipt"]["release"] for turn, _ in turns}

    assert back.returncode == 0, back.stderr
    assert new == ["lift", "lift"]
    assert old != "lift"
    assert {outcome for _, outcome in turns} == {"answered"}
    assert {label.split("-")[0] for label in releases} == {str(first), str(second)}


def published(site: Site, mine: dict[str, str]) -> int:
    ran = site.run("release", "publish", "--quick", "--json", **mine)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    number: int = json.loads(ran.stdout)["release"]["number"]
    return number
