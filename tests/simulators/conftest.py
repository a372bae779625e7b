"""A server a module, reset for each test."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image, ImageDraw

from tests.simulators.running import SECONDS, Mailbox, Running, quick, run, sound_of


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    yield from run(quick())


@pytest.fixture
def sim(shared: Running) -> Running:
    """One server a module, reset for each test."""
    shared.admin("POST", "/reset")
    defaults = {"latency_s": 0.05, "queue_s": 0, "private_media": False, "private_webhooks": True, "blind_s": 0}
    shared.admin("PATCH", "/settings", json=defaults)
    return shared


@pytest.fixture(scope="session")
def portrait() -> bytes:
    picture = Image.new("RGB", (320, 400), (214, 180, 160))
    ImageDraw.Draw(picture).ellipse((90, 60, 230, 260), fill=(235, 200, 175))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="session")
def speech() -> bytes:
    return sound_of(SECONDS)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    yield box
    box.close()
