"""Secrets, tokens and visitors' words of a real conversation and a real warm-up: nowhere but where they belong."""

import asyncio
import gzip
import json
import os
import sqlite3
import subprocess
import sys
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from app.cli.output import Status
from app.simulators.context import SimulatorContext
from app.simulators.server import create_app
from app.simulators.stub_video import PlainMedia
from tests.money.crash.places import SIDE_PX, Place, write_place
from tests.support.chat_client import ChatClient
from tests.support.simulated import served

WORDS = "canary-words"
COMMENT = "canary-comment"
SECRETS = {
    "GREENROOM_SECRET": "canary-secret-0123456789-0123456789",
    "GREENROOM_API_KEY": "canary-authors-key-0123456789-01234",
    "FAL_KEY": "canary-fal-key",
    "OPENAI_API_KEY": "canary-openai-key",
    "ELEVENLABS_API_KEY": "canary-elevenlabs-key",
}
NAMED = "canary-named-key-0123456789"
NAMED_DIGEST = sha256(NAMED.encode()).hexdigest()
GUESS = "canary-guessed-key"
HOOK = "canary-hook-token-0123456789"
LOUD = {"GREENROOM_LOG_LEVEL": "debug", "GREENROOM_LOG_FORMAT": "json"}


def ask(url: str, method: str = "GET", body: object = None, **headers: str) -> tuple[int, str]:
    """Status and body, whatever the status is."""
    sent = None if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()} | {"content-type": "application/json"}
    request = Request(url, sent, named, method=method)  # noqa: S310 - the server this test started
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


async def talk(address: str) -> set[str]:
    """A conversation with everything a visitor may say; the tokens that were given out for it."""
    async with ChatClient(address) as chat:
        for words in ("When are you open?", f"what about {WORDS} then", "When are you open?"):
            turn = (await chat.ask(words))[-1]["turn"]
        await chat.send("feedback", turn=turn, score="down", comment=COMMENT)
        await chat.send("input.text", id="long", text=WORDS * 500)
        await chat.send("no.such.type", id="odd", text=WORDS)
        await chat.receive_until("error")
        await chat.receive_until("error")
        first = chat.session["resume_token"]
        await chat.drop()
        await chat.connect()
        second = chat.session["resume_token"]
        status, told = await asyncio.to_thread(
            ask, f"{address}/v1/sessions/{chat.session['session']}", "DELETE", Authorization=f"Bearer {second}"
        )
        assert status == 200, told
        return {first, second}


def problems(address: str) -> list[str]:
    """Bodies of requests that go wrong with something secret in them."""
    wrong = [
        ask(f"{address}/v1/match", "POST", {"text": WORDS * 1000}, X_API_Key=SECRETS["GREENROOM_API_KEY"]),
        ask(f"{address}/v1/match", "POST", {"text": [WORDS], WORDS: 1}, X_API_Key=SECRETS["GREENROOM_API_KEY"]),
        ask(f"{address}/v1/releases/1/use", "POST", {"after": 0}, X_API_Key=GUESS),
        ask(f"{address}/v1/releases/1/use", "POST", {"after": 0}, X_API_Key=SECRETS["GREENROOM_API_KEY"]),
        ask(f"{address}/v1/releases/1/use", "POST", {"after": 0}, X_API_Key=NAMED),
        ask(f"{address}/v1/misses", Authorization=f"Bearer {GUESS}"),
        ask(f"{address}/v1/sessions/s_nobodys", "DELETE", Authorization=f"Bearer {GUESS}"),
        ask(f"{address}/v1/hooks/fal/{HOOK}", "POST", {"request_id": WORDS}),
        ask(f"{address}/v1/sessions", "POST", {"locale": WORDS * 10}),
    ]
    assert all(status >= 400 for status, _ in wrong), wrong
    return [body for _, body in wrong]


def audited(database: str) -> list[str]:
    with sqlite3.connect(database) as plain:
        return [str(row) for row in plain.execute("SELECT actor, action, subject, details FROM audit ORDER BY number")]


def found(canaries: set[str], places: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, canary) for name, text in places.items() for canary in canaries if canary in text]


@pytest.fixture
def collector():
    """An OpenTelemetry collector that keeps what it is sent."""
    bodies: list[bytes] = []

    class Keeping(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            bodies.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object):
            """Quietly."""

    with HTTPServer(("127.0.0.1", 0), Keeping) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", bodies
        server.shutdown()
        thread.join()


async def test_a_conversation_leaves_no_words_tokens_or_keys_behind(warmed_site, tmp_path, collector):
    site = warmed_site.copied(tmp_path / "site")
    address, traced = collector
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": address, "GREENROOM_API_KEYS": f"the-namesake author {NAMED_DIGEST}"}
    with (tmp_path / "log").open("w+") as log, site.node(log=log, **SECRETS, **LOUD, **told) as node:
        tokens = await talk(node.address)
        bodies = await asyncio.to_thread(problems, node.address)
        _, metrics = await asyncio.to_thread(ask, f"{node.address}/metrics")
        node.process.terminate()
        await asyncio.to_thread(node.process.wait, 40)
        log.seek(0)
        written = log.read()

    rows = audited(f"{site.root}/state/greenroom.db")
    places = {"log": written, "metrics": metrics, "audit": "\n".join(rows), "problems": "\n".join(bodies)}
    places["traces"] = b"\n".join(traced).decode("latin-1")
    assert found({WORDS, COMMENT, GUESS, HOOK, NAMED, NAMED_DIGEST, *SECRETS.values(), *tokens}, places) == []
    assert "encoder.loaded" in written, "the log was looked at"
    events = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    ends = [line for line in events if line["event"] in {"started", "stopped"}]
    assert [(line["event"], line["command"], line.get("reason")) for line in ends] == [
        ("started", "serve", None),
        ("stopped", "serve", "SIGTERM"),
    ]
    assert ends[0]["address"].rstrip("/") == node.address.rstrip("/")
    assert any(line["event"] == "request.answered" and line["request_id"] for line in events)
    assert "greenroom_questions_total" in metrics
    assert "question" in places["traces"]
    for action in ("session.erased", "keys.changed", "key.used", "key.refused", "key the-namesake (author)"):
        assert any(action in row for row in rows)


@pytest.mark.parametrize("key_is_refused", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_paid_warm_up_leaves_no_keys_behind(tmp_path, key_is_refused):
    with served(
        create_app(SimulatorContext(latency_s=0.1, private_media=True, media=PlainMedia(longest_px=SIDE_PX)))
    ) as url:
        place = Place(tmp_path / "site", "fal", url)
        write_place(place, {"hours": "We are open from ten to six."})
        if key_is_refused:
            assert (
                ask(
                    f"{url}/_admin/faults", "POST", {"vendor": "fal", "operation": "submit", "fault": "401", "times": 0}
                )[0]
                < 300
            )
        settings = {**place.environment, **SECRETS, **LOUD, "GREENROOM_QUALITY_GATE": "media"}
        ran = subprocess.run(
            [sys.executable, "-m", "app", "warm", "--yes", "--json"],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert ran.returncode == (Status.ACCOUNT if key_is_refused else 0), ran.stdout + ran.stderr
    rows = "\n".join(audited(f"{place.folder}/state.db"))
    assert found(set(SECRETS.values()), {"out": ran.stdout, "log": ran.stderr, "audit": rows}) == []
    assert "consent.used" in rows
    films = [row for row in rows.splitlines() if '"provider": "fal"' in row]  # the speech before it is paid for
    assert any("money.spent" in row for row in films) is not key_is_refused
    events = [json.loads(line) for line in ran.stderr.splitlines() if line.startswith("{")]
    assert [line["command"] for line in events if line["event"] in {"started", "stopped"}] == ["warm", "warm"]
