"""What docker-compose.yml runs, as processes: its commands and its environment, against real servers of every kind.

Takes a minute or two, so `make distributed` runs it; each part on its own is in `tests/contracts`.
"""

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.journeys.probes import fetch, of
from tests.support.chat_client import ChatClient
from tests.support.object_storage import ObjectStorage
from tests.support.postgres import a_postgres
from tests.support.redis import RedisServer, a_redis
from tests.support.sites import Site

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
START_S = 180


@dataclass(frozen=True)
class Composed:
    """The engines, and what each of our services is told."""

    site: Site
    redis: RedisServer
    environment: dict[str, str]
    services: dict[str, Any]

    @contextmanager
    def running(self, service: str) -> Iterator[str]:
        """One process of a service; the line with which it says that it is ready."""
        command = [sys.executable, "-m", "app", *_on_a_free_port(self.services[service]["command"])]
        environment = {**self.environment, "GREENROOM_SCRATCH_DIR": str(self.site.root / "scratch" / service)}
        log = (self.site.root / f"{service}.log").open("ab")
        process = subprocess.Popen(
            command, cwd=self.site.root, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
        alarm = threading.Timer(START_S, process.kill)
        alarm.start()
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready.startswith("ready"), (self.site.root / f"{service}.log").read_text()[-3000:]
            alarm.cancel()
            yield ready
        finally:
            alarm.cancel()
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()
            process.communicate()
            log.close()

    @contextmanager
    def node(self) -> Iterator[str]:
        """A node's address."""
        with self.running("api") as ready:
            address = re.search(r"http://\S+", ready)
            assert address
            yield address[0].rstrip("/")


def _on_a_free_port(command: list[str]) -> list[str]:
    """The command as it is, but for a port and an address that all containers may share and processes may not."""
    changed = {"0.0.0.0": "127.0.0.1", "8080": "0"}  # noqa: S104 - what is replaced
    return [changed.get(word, word) for word in command]


@pytest.fixture
async def composed(warmed_site: Site, object_storage: ObjectStorage, tmp_path: Path) -> Any:
    document = yaml.safe_load(COMPOSE.read_text())
    with ExitStack() as stack:
        postgres = stack.enter_context(a_postgres())
        redis = stack.enter_context(a_redis(tmp_path))
        environment = document["services"]["api"]["environment"]
        told = {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value)) for name, value in environment.items()}
        place = object_storage.empty_place()
        here = {  # the addresses that Docker's network has names for, and what Compose puts in
            "GREENROOM_CACHE": place,
            "GREENROOM_PUBLIC_URL": "",
            "GREENROOM_ALLOWED_ORIGINS": "http://localhost:8080",
            "GREENROOM_CATALOG": str(warmed_site.catalog),
        }
        secrets = {  # in a container these are files
            "GREENROOM_SECRET": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
            "GREENROOM_API_KEY": "f0e1d2c3b4a5968778695a4b3c2d1e0f",
            "GREENROOM_DATABASE_URL": await postgres.empty_database(),
            "GREENROOM_REDIS_URL": redis.url,
        }
        assert set(here) - {"GREENROOM_CATALOG"} <= set(told)
        environment = {**os.environ, **told, **here, **secrets, **object_storage.environment, "NO_COLOR": "1"}
        copy = [sys.executable, "-m", "app", "store", "copy", str(warmed_site.cache), place]
        await asyncio.to_thread(subprocess.run, copy, env=environment, check=True, capture_output=True, timeout=120)
        yield Composed(Site(warmed_site.root), redis, {**environment, "PYTHONUNBUFFERED": "1"}, document["services"])


async def test_two_nodes_and_a_worker_are_one_site(composed: Composed) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(ExitStack())
        one, two, worker = await asyncio.gather(
            asyncio.to_thread(first.enter_context, composed.node()),
            asyncio.to_thread(stack.enter_context, composed.node()),
            asyncio.to_thread(stack.enter_context, composed.running("worker")),
        )
        assert "waiting for renders" in worker

        async with ChatClient(one) as here, ChatClient(two) as there:
            hit = of(await here.ask("When are you open?"), "response.clip")[0]
            status, _, film = await asyncio.to_thread(fetch, two + hit["clip"]["url"])
            assert (hit["source"], status, film[4:8]) == ("cache", 200, b"ftyp")

            asked, heard = await asyncio.gather(_new_answer(here), _new_answer(there))
            assert asked["clip"]["digest"] == heard["clip"]["digest"]

            session = here.session["session"]
            await asyncio.to_thread(first.close)  # the node goes, as at a deployment
            here.base_url = two
            resumed = await here.connect()
            assert (resumed["type"], resumed["session"]) == ("session.resumed", session)
            assert of(await here.ask("When are you open?"), "response.clip")[0]["source"] == "cache"

            await asyncio.to_thread(composed.redis.kill)
            assert of(await there.ask("When are you open?"), "response.clip")[0]["source"] == "cache"

    renders = await asyncio.to_thread(_renders, composed)
    (made,) = [render for render in renders if render["labels"].get("generated")]
    assert (made["state"], made["attempts"]) == ("ready", 1)


async def _new_answer(client: ChatClient) -> dict[str, Any]:
    """Ask what nobody filmed; the film that comes in the end."""
    await client.send("input.text", id="new", text="When did the museum open, in which year?")
    heard = await client.receive_until("response.done", within_s=120)
    (clip,) = [message for message in of(heard, "response.clip") if message["source"] == "generated"]
    return clip


def _renders(composed: Composed) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "app", "renders", "list", "--json"]
    run = subprocess.run(command, env=composed.environment, capture_output=True, text=True, timeout=60, check=True)
    document = json.loads(run.stdout)
    return document if isinstance(document, list) else document["renders"]
