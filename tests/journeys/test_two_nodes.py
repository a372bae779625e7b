"""Two `greenroom serve` processes on one PostgreSQL: a visitor goes from one to the other."""

import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.support.chat_client import ChatClient
from tests.support.postgres import a_postgres
from tests.support.sites import Site


@dataclass
class Node:
    """One serving process."""

    address: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """As the kernel does, without a word."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)


@contextmanager
def a_node(site: Site, database_url: str) -> Iterator[Node]:
    environment = {**site.environment(), "GREENROOM_DATABASE_URL": database_url, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        site.command("serve", "--port", "0"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    alarm = threading.Timer(150, process.kill)
    alarm.start()
    try:
        assert process.stdout is not None
        ready = re.search(r"http://\S+", process.stdout.readline())
        assert ready, "`greenroom serve` never said it was ready"
        yield Node(ready[0].rstrip("/"), process)
    finally:
        alarm.cancel()
        if process.poll() is None:
            process.terminate()
            process.wait(40)


@pytest.fixture(scope="module")
def shared(warmed_site, tmp_path_factory):
    """The site, and the address of a server for its state."""
    with a_postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield warmed_site, server


def numbers(chat: ChatClient) -> list[int]:
    return [message["seq"] for message in chat.received if message["type"] != "session.resumed"]


async def test_a_visitor_of_a_killed_node_goes_on_at_another_one(shared):
    site, server = shared
    url = await server.empty_database()
    with a_node(site, url) as first, a_node(site, url) as second:
        chat = ChatClient(first.address)
        await chat.connect()
        await chat.ask("When are you open?")
        await chat.send("input.text", id="new", text="When did the museum open, in which year?")
        await chat.receive_until("response.text.done", 60)

        first.kill()
        chat.base_url = second.address
        resumed = await chat.connect()
        rest = await chat.receive_until("response.done", 120)
        again = await chat.ask("When are you open?")
        await chat.drop()

    assert resumed["type"] == "session.resumed"
    assert [message["role"] for message in rest if message["type"] == "response.clip"] in (
        ["answer"],
        ["holding", "answer"],
    )
    assert rest[-1]["outcome"] == "generated"
    assert again[-1]["outcome"] == "answered"
    assert numbers(chat) == list(range(1, len(numbers(chat)) + 1))
    assert len({message["turn"] for message in chat.received if message["type"] == "response.done"}) == 3
