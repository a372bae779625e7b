"""The whole loop through a real server, its clips, its refusals, its beginning and its end."""

import asyncio
import contextlib
import json
import re
import signal
import socket
import subprocess
import time
import urllib.error
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.journeys.probes import fetch, of
from tests.support.chat_client import ChatClient
from tests.support.cost import used_s
from tests.support.sites import Site, small_site

# -- clips over HTTP ---------------------------------------------------------------------------------------------------


async def test_clips_have_ranges_etags_and_heads(live_server):
    async with ChatClient(live_server) as client:
        clip = of(await client.ask("When are you open?"), "response.clip")[0]["clip"]
    url = live_server + clip["url"]

    def look() -> None:
        status, headers, whole = fetch(url)
        assert status == 200
        assert headers["content-type"] == "video/mp4"
        assert "immutable" in headers["cache-control"]
        assert whole[4:8] == b"ftyp"
        status, head, empty = fetch(url, "HEAD")
        assert (status, head["content-length"], empty) == (200, str(len(whole)), b"")
        status, part, piece = fetch(url, Range="bytes=10-19")
        assert (status, part["content-range"], piece) == (206, f"bytes 10-19/{len(whole)}", whole[10:20])
        assert fetch(url, Range="bytes=-5")[2] == whole[-5:]
        assert fetch(url, Range=f"bytes={len(whole)}-")[0] == 416
        assert fetch(url, **{"If-None-Match": headers["etag"]})[0] == 304
        assert fetch(live_server + clip["poster"])[2][:2] == b"\xff\xd8"

    await asyncio.to_thread(look)


# -- bad inputs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/clips/../../intents/catalog.yaml",
        "/clips/..%2f..%2fintents%2fcatalog.yaml",
        "/clips/%2e%2e/%2e%2e/etc/passwd",
        f"/clips/{'0' * 64}.mp4",
        f"/clips/{'0' * 64}.py",
        f"/clips/{'A' * 64}.mp4",
        "/clips/x.mp4",
        f"/clips/{'0' * 5000}.mp4",
        "/widget/../main.py",
        "/demo/%2e%2e/%2e%2e/main.py",
    ],
)
def test_no_path_leads_out(live_server, path):
    status, headers, body = fetch(live_server + path)

    assert status in {400, 404}
    assert b"Traceback" not in body
    assert headers["content-type"].startswith("application/problem+json")
    assert json.loads(body)["code"]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{" * 1000, 422), (b'{"locale": 5}', 422), (b"\xff", 400)],
    ids=["broken", "typed", "bytes"],
)
def test_a_bad_body_is_a_problem(live_server, body, status):
    got, headers, answer = fetch(live_server + "/v1/sessions", "POST", body, **{"content-type": "application/json"})

    assert got == status
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(answer)["status"] == status


def test_a_huge_body_is_refused_before_it_is_read(live_server):
    host, port = live_server.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as line:
        line.sendall(b"POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        line.sendall(b"Content-Length: 5000000000\r\n\r\n{")

        answer = line.recv(65536)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answer


async def test_another_version_of_the_protocol_is_refused(live_server):
    async with connect(live_server.replace("http", "ws") + "/v1/chat", subprotocols=["greenroom.v9"]) as line:  # type: ignore[list-item]
        with pytest.raises(ConnectionClosed):
            await line.recv()

        assert line.close_code == 4006


def test_a_catalog_file_of_five_megabytes_is_one_finding_fast(tmp_path):
    site = small_site(tmp_path, **{"visiting/dogs.yaml": "title: " + "[" * 5_000_000})
    began = used_s()

    run = site.run("check", "--json", "--quick")

    assert run.returncode == 1
    assert len([f for f in json.loads(run.stdout)["findings"] if f["file"] == "visiting/dogs.yaml"]) == 1
    assert used_s() - began < 15, "processor seconds"


# -- beginning and end -------------------------------------------------------------------------------------------------


async def test_a_server_is_alive_then_ready_then_says_goodbye_and_ends_in_order(warmed_site, tmp_path):
    """SIGTERM while one visitor listens and another one waits for a film; the log has no word of theirs."""
    process, address = await asyncio.to_thread(_served, warmed_site.copied(tmp_path / "site"))
    seen = await asyncio.to_thread(_readiness, address)
    listening, waiting = ChatClient(address), ChatClient(address)
    await listening.connect()
    await listening.ask("My name is Ada Lovelace and I am ill")
    await waiting.connect()
    await waiting.send("input.text", id="q1", text="Who paid for the repairs?")
    await waiting.receive_until("response.text.done", within_s=60)
    began = time.monotonic()

    process.send_signal(signal.SIGTERM)
    (*_, last) = await listening.receive_until("session.ending")
    code = await listening.closed()
    _, log = await asyncio.to_thread(process.communicate, None, 30)

    assert seen[0] == 503
    assert seen[-1] == 200
    assert last["reason"] == "restart"
    assert last["after_s"] > 0
    assert code in {1001, 1012}
    assert process.returncode == 0
    assert time.monotonic() - began < 10
    _expect_discreet(log, "Lovelace", listening.session["resume_token"])


def _expect_discreet(log: str, *secrets: str) -> None:
    """Every line is one JSON object, none is a trace, none holds what visitors said or know."""
    events = [json.loads(line) for line in log.splitlines()]
    assert "encoder.loaded" in {event["event"] for event in events}
    assert not any("exception" in event for event in events)
    assert not any(secret in log for secret in secrets)


def _served(site: Site) -> tuple[subprocess.Popen[str], str]:
    """`greenroom serve` with JSON logs, as soon as its process lives."""
    port = _free_port()
    process = subprocess.Popen(
        site.command("serve", "--port", str(port)),
        env={**site.environment(), "GREENROOM_LOG_FORMAT": "json"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    return process, f"http://127.0.0.1:{port}"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _readiness(address: str) -> list[int]:
    """What /readyz says from the first moment that /livez answers until it is ready."""
    seen: list[int] = []
    until = time.monotonic() + 90
    while time.monotonic() < until and 200 not in seen:
        with contextlib.suppress(urllib.error.URLError):
            assert fetch(address + "/livez")[0] == 200
            seen.append(fetch(address + "/readyz")[0])
        time.sleep(0.05)
    return seen


@pytest.mark.long
def test_demo_takes_the_next_port_on_loopback_and_ends_quietly(warmed_site, tmp_path):
    site = warmed_site.copied(tmp_path / "site")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = subprocess.Popen(
            site.command("demo", "--port", str(port)),
            env={**site.environment(), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        address = next(found[0] for line in lines if (found := re.search(r"http://\S+", line))).rstrip("/")
        listening = _listening(process.pid)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)

    assert re.fullmatch(r"http://localhost:\d+", address)
    assert port < int(address.rsplit(":", 1)[1]) <= port + 9
    assert listening == {"127.0.0.1"}
    assert process.returncode == 0
    assert told == ""


def _listening(pid: int) -> set[str]:
    """Addresses that a process listens at, from the kernel's own table."""
    inodes = {
        found[1]
        for link in Path(f"/proc/{pid}/fd").iterdir()
        if (found := re.match(r"socket:\[(\d+)\]", str(link.readlink())))
    }
    rows = [row.split() for table in ("tcp", "tcp6") for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return {_address(row[1]) for row in rows if row[3] == "0A" and row[9] in inodes}


def _address(cell: str) -> str:
    host = cell.partition(":")[0]
    return socket.inet_ntoa(bytes.fromhex(host)[::-1]) if len(host) == 8 else host
