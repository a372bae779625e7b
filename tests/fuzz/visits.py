"""One visit of a fuzzer, and what must be true of a server and a session afterwards."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.conversation.protocol.rules import CloseCode
from tests.support.chat_client import SUBPROTOCOL, ChatClient

CODES = {int(code) for code in CloseCode}


async def visit(url: str, frames: Sequence[str | bytes]) -> list[dict[str, Any]]:
    """Open a session, send frames until the end of them or of the line; what the server said."""
    chat = ChatClient(url)
    await chat.connect()
    line = chat._socket
    assert line
    heard = [chat.session]
    try:
        for frame in frames:
            await line.send(frame)
        await line.send('{"type":"session.end"}')
        while True:
            heard.append(json.loads(await line.recv()))
    except ConnectionClosed:
        check_end(line)
    return heard


def check_end(line: ClientConnection) -> None:
    """A line ends with a code that the reference names."""
    assert line.close_code in CODES, line.close_code


def check_said(heard: Sequence[dict[str, Any]]) -> None:
    """Numbers without a gap, every turn done at most once, nothing about a turn after that."""
    assert [message["seq"] for message in heard] == list(range(1, len(heard) + 1))
    done = Counter(message["turn"] for message in heard if message["type"] == "response.done")
    assert all(count == 1 for count in done.values())
    over: set[str] = set()
    for message in heard:
        assert message["type"] == "input.accepted" or message.get("turn") not in over
        if message["type"] == "response.done":
            over.add(message["turn"])


async def is_alive(url: str) -> bool:
    """Whether a visitor who behaves is answered."""
    async with ChatClient(url) as chat:
        heard = await chat.ask("Open?")
    return bool(heard[-1]["outcome"] == "answered")


async def knocks(url: str, first: str | bytes) -> int:
    """Send this as the very first frame; the close code."""
    async with connect(url.replace("http", "ws", 1) + "/v1/chat", subprotocols=[SUBPROTOCOL]) as line:  # type: ignore[list-item]
        try:
            await line.send(first)
            while True:
                await line.recv()
        except ConnectionClosed:
            return line.close_code or 0
