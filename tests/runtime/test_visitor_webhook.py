"""Forms and wishes for a person reach the site's webhook, signed, in spite of its failures."""

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from app.conversation.page.deliveries import TRIES_S, Delivery, MemoryDeliveries
from app.runtime.serving.visitor_webhook import HELD, VisitorWebhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime.now(UTC)


def at(moment: datetime) -> Callable[[], datetime]:
    """Return a clock that stands still."""
    return lambda: moment


class Site(HTTPServer):
    """A site that takes deliveries, or answers with another status."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.status = 204
        self.answer = b""
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook?of=museum"


class _Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        site = self.server
        assert isinstance(site, Site)
        content = self.rfile.read(int(self.headers["content-length"]))
        site.got.append(({name.lower(): value for name, value in self.headers.items()}, content))
        self.send_response(site.status)
        self.end_headers()
        self.wfile.write(site.answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


async def test_a_delivery_is_signed_and_gone_when_it_was_taken(site):
    deliveries = MemoryDeliveries()
    await deliveries.keep(Delivery.of("form.answered", "f1", {"values": {"name": "Ada “A.”"}}, session="s1", at=NOW))

    assert await VisitorWebhook(deliveries, site.url, SECRET).post_due(at(NOW)) == 1

    [(headers, content)] = site.got
    told = json.loads(content)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + content
    right = hmac.digest(base64.b64decode(SECRET.removeprefix("whsec_")), signed, "sha256")
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(right).decode()}"
    assert (told["type"], told["session"], told["values"]) == ("form.answered", "s1", {"name": "Ada “A.”"})
    assert headers["webhook-id"] == told["id"]
    assert await deliveries.waiting() == 0


async def test_a_site_that_refuses_is_tried_later_and_at_last_given_up(site):
    deliveries = MemoryDeliveries()
    await deliveries.keep(Delivery.of("handover.requested", "h1", {}, session="s1", at=NOW))
    webhook = VisitorWebhook(deliveries, site.url)
    site.status = 404

    now = NOW
    for wait_s in TRIES_S[1:]:
        assert await webhook.post_due(at(now)) == 0
        assert await deliveries.waiting() == 1
        assert await webhook.post_due(at(now + timedelta(seconds=wait_s - 1))) == 0
        now += timedelta(seconds=wait_s)
    tried = len(site.got)
    await webhook.post_due(at(now))

    assert await deliveries.waiting() == 0
    assert len(site.got) > tried
    assert len({headers["webhook-id"] for headers, _ in site.got}) == 1
    assert "webhook-signature" not in site.got[0][0]


class WithAnotherNode(MemoryDeliveries):
    """Deliveries that another node looks through after the first post, which took six minutes."""

    others: tuple[str, ...] = ()

    async def done(self, delivery: str) -> None:
        """Drop it; then the other node takes what is due."""
        await super().done(delivery)
        if not self.others:
            later = NOW + timedelta(minutes=6)
            self.others = tuple(one.id for one in await self.take(later, until=later + HELD))


async def test_what_waits_behind_a_slow_post_is_not_held_for_it(site):
    deliveries = WithAnotherNode()
    for ref in ("f1", "f2", "f3"):
        await deliveries.keep(Delivery.of("form.answered", ref, {}, session="s1", at=NOW))

    await VisitorWebhook(deliveries, site.url).post_due(at(NOW))

    posted = [headers["webhook-id"] for headers, _ in site.got]
    assert (len(posted), len(deliveries.others)) == (1, 2)
    assert not set(posted) & set(deliveries.others)


async def test_what_a_site_answers_is_not_kept(site):
    deliveries = MemoryDeliveries()
    await deliveries.keep(Delivery.of("form.answered", "f1", {"values": {"name": "Ada"}}, session="s1", at=NOW))
    site.status, site.answer = 400, b"no such customer: Ada"

    await VisitorWebhook(deliveries, site.url).post_due(at(NOW))

    [waiting] = deliveries.stored.values()
    assert waiting.trouble == "The site answered with status 400."


async def test_a_late_try_is_signed_with_its_own_time(site):
    """Libraries of Standard Webhooks refuse a time that is more than five minutes away."""
    deliveries = MemoryDeliveries()
    await deliveries.keep(Delivery.of("form.answered", "f1", {}, session="s1", at=NOW))
    webhook, late = VisitorWebhook(deliveries, site.url, SECRET), NOW + timedelta(hours=4)
    site.status = 404
    await webhook.post_due(at(NOW))
    site.status = 204

    assert await webhook.post_due(at(late)) == 1

    (first, _), (last, content) = site.got[0], site.got[-1]
    assert abs(int(last["webhook-timestamp"]) - late.timestamp()) < 300
    assert last["webhook-id"] == first["webhook-id"]
    signed = f"{last['webhook-id']}.{last['webhook-timestamp']}.".encode() + content
    right = hmac.digest(base64.b64decode(SECRET.removeprefix("whsec_")), signed, "sha256")
    assert last["webhook-signature"] == f"v1,{base64.b64encode(right).decode()}"
