"""One question, one decision: in this process, over HTTP, over the socket."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect

from app.matching.matcher import Matcher
from app.runtime.settings.site import load_settings
from app.runtime.wiring.matcher_cache import build_matcher
from app.runtime.wiring.store_and_encoder import encoder_for, open_catalog
from tests.journeys.probes import fetch
from tests.support.sites import Site

KIND = {"content-type": "application/json"}
ASKED = [
    "When are you open?",
    "what are your openning hours",
    "may I take my puppy inside",
    "how much is it to get in for one adult",
    "How do I turn off the audio guide?",
    "und was kostet der Eintritt",
    "who won the cup final",
    "and on Sundays?",
    "ＷＨＥＮ ａｒｅ ｙｏｕ ｏｐｅｎ",
    "متى تفتحون؟",
    "👍",
]
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def matcher(warmed_site: Site) -> Iterator[Matcher]:
    """Built here, of the same catalog, by the same function as the server's."""
    found = load_settings(catalog=warmed_site.catalog, cache=str(warmed_site.cache))
    catalog = open_catalog(found)
    return build_matcher(found, catalog, encoder_for(found, catalog))


@FEW
@given(text=st.sampled_from(ASKED), noise=st.sampled_from(["", " ", "!?", " 🙂", "\u200b", "…"]), loud=st.booleans())
def test_http_decides_as_this_process_does(live_server, matcher, text, noise, loud):
    question = f"{noise}{text.upper() if loud else text}{noise}"

    (here,) = matcher.decide_many([question])
    status, _, body = fetch(live_server + "/v1/match", "POST", json.dumps({"text": question}).encode(), **KIND)

    there = json.loads(body)
    assert status == 200
    assert told(there) == told(here.model_dump(mode="json"))
    assert there["receipt"]["probability"] == pytest.approx(here.receipt.probability, abs=1e-6)


async def test_the_socket_decides_as_this_process_does(live_server, matcher):
    questions = [text for text, one in zip(ASKED, matcher.decide_many(ASKED), strict=True) if one.outcome != "miss"]
    assert len(questions) >= 3

    async with a_line(live_server) as line:
        for at, question in enumerate(questions):
            turn, outcome = await answered(line, f"q{at}", question)

            (here,) = matcher.decide_many([question])
            there = await recorded(live_server, turn)
            assert outcome == {"answer": "answered", "clarify": "clarify"}[here.outcome]
            assert there["intent"] == here.intent
            assert there["receipt"]["stage"] == here.receipt.stage
            assert there["receipt"]["probability"] == pytest.approx(here.receipt.probability, abs=1e-6)


async def recorded(server: str, turn: str) -> dict:
    """What the log has of a turn, which is written beside the answer."""
    async with asyncio.timeout(60):
        while True:
            status, _, body = await asyncio.to_thread(fetch, f"{server}/v1/turns/{turn}", **key())
            if status == 200:
                return json.loads(body)
            assert status == 404, body
            await asyncio.sleep(0.1)


def told(document: dict) -> tuple:
    receipt = document["receipt"]
    verdicts = [(one["guard"], one["passed"]) for one in receipt["guards"]]
    return document["outcome"], document["intent"], tuple(document["choices"]), receipt["stage"], verdicts


def key() -> dict[str, str]:
    found = os.environ.get("GREENROOM_API_KEY")
    return {"x-api-key": found} if found else {}


@asynccontextmanager
async def a_line(server: str):
    """A socket with its session begun."""
    _, _, body = await asyncio.to_thread(fetch, server + "/v1/sessions", "POST", b"{}", **KIND)
    address = server.replace("http", "ws") + "/v1/chat"
    async with connect(address, subprotocols=["greenroom.v1"]) as line:  # type: ignore[list-item]
        await line.send(json.dumps({"type": "session.start", "id": "a1", "token": json.loads(body)["token"]}))
        async with asyncio.timeout(60):
            while json.loads(await line.recv())["type"] != "session.created":
                pass
        yield line


async def answered(line, name: str, question: str) -> tuple[str, str]:
    """The turn that a question became, and how it ended."""
    await line.send(json.dumps({"type": "input.text", "id": name, "text": question}))
    async with asyncio.timeout(60):
        while (message := json.loads(await line.recv()))["type"] != "response.done":
            pass
    return message["turn"], message["outcome"]
