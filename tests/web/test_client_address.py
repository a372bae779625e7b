"""Visitors behind proxies keep addresses of their own, and nobody can write himself another one."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from websockets.exceptions import ConnectionClosed

from app.conversation.fakes import FakeClock
from app.conversation.rate_limits import MemoryLimits
from app.errors import RateLimitedError, SettingsError
from app.runtime.settings.site import WebSettings, load_settings
from app.runtime.settings.trusted_proxies import TrustedProxies, address_in
from app.web.app import create_app
from app.web.middleware.client_address import ClientAddress
from app.web.visitors import RATES, Visitors
from tests.support.chat_client import ChatClient
from tests.support.fake_web import FakeContainer, serving
from tests.support.proxies import asked_from, running, served_in_thread

INSIDE = "172.18.0.0/16, 10.0.0.0/8"


def visitor(trusted: str, peer: str, *forwarded: str) -> str | None:
    found = TrustedProxies.read(trusted).visitor(address_in(peer), forwarded)
    return str(found) if found else None


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "expected"),
    [
        ("", "203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        (INSIDE, "203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        (INSIDE, "172.18.0.7", ["203.0.113.7"], "203.0.113.7"),
        (INSIDE, "172.18.0.7", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        (INSIDE, "172.18.0.7", ["198.51.100.1, 203.0.113.7, 10.0.0.9"], "203.0.113.7"),
        (INSIDE, "172.18.0.7", ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        (INSIDE, "172.18.0.7", [], None),
        (INSIDE, "172.18.0.7", ["unknown"], None),
        (INSIDE, "172.18.0.7", ["198.51.100.1, unknown"], None),
        (INSIDE, "172.18.0.7", ["10.1.2.3"], "10.1.2.3"),
        ("::ffff:172.18.0.0/112", "172.18.0.7", ["203.0.113.7"], "203.0.113.7"),
        (INSIDE, "::ffff:172.18.0.7", ["[2001:db8::5]:4711"], "2001:db8::5"),
        (INSIDE, "172.18.0.7", ["203.0.113.7:4711"], "203.0.113.7"),
        ("1", "198.18.0.1", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        ("2", "198.18.0.1", ["198.51.100.1, 203.0.113.7, 192.0.2.1"], "203.0.113.7"),
        ("2", "198.18.0.1", ["203.0.113.7"], None),
    ],
)
def test_the_visitor_is_whom_the_last_trusted_proxy_saw(trusted, peer, forwarded, expected):
    assert visitor(trusted, peer, *forwarded) == expected


@pytest.mark.parametrize("text", ["10.0.0.0/40", "proxy", "0", "9", "10.0.0.1;10.0.0.2"])
def test_a_setting_that_cannot_be_read_is_refused_by_its_name(text):
    with pytest.raises(SettingsError, match="GREENROOM_TRUSTED_PROXIES"):
        load_settings(trusted_proxies=text)


async def test_visitors_that_cannot_be_told_apart_share_one_limit_in_production():
    clock = FakeClock()
    visitors = Visitors("a secret for tests", clock, MemoryLimits(clock.monotonic), trusting=False)
    nobody = visitors.address_of(_connection(None))
    here = visitors.address_of(_connection(("127.0.0.1", 5000)))

    for _ in range(RATES["token"].burst):
        await visitors.admit(nobody, "token")

    assert nobody == here
    assert nobody.line
    with pytest.raises(RateLimitedError):
        await visitors.admit(here, "token")


async def test_a_network_of_many_lines_is_bounded_as_a_whole():
    clock = FakeClock()
    visitors = Visitors("a secret for tests", clock, MemoryLimits(clock.monotonic))
    lines = [visitors.address_of(_connection((f"2001:db8:7:{line << 8:x}::1", 5000))) for line in range(9)]

    for line in lines[:8]:
        for _ in range(RATES["token"].burst):
            await visitors.admit(line, "token")

    assert len({line.line for line in lines}) == 9
    with pytest.raises(RateLimitedError):
        await visitors.admit(lines[8], "token")
    await visitors.admit(visitors.address_of(_connection(("2001:db8:8::1", 5000))), "token")


@pytest.mark.parametrize("host", ["rebound.example", "localhost.rebound.example", "", "127.0.0.1.rebound.example", "["])
def test_a_foreign_name_reads_nothing_in_development(host):
    client = TestClient(create_app(FakeContainer()), headers={"host": host})

    assert client.get("/v1/audit").status_code == 403
    assert client.post("/v1/sessions").json()["code"] == "origin_not_allowed"


@pytest.mark.parametrize(
    ("public", "origin", "own"),
    [
        ("https://Museum.example", "https://museum.example", True),
        ("https://museum.example:443/chat", "https://museum.example", True),
        ("http://museum.example:80", "http://museum.example", True),
        ("https://museum.example:8443", "https://museum.example:8443", True),
        ("https://museum.example", "http://museum.example", False),
        ("https://museum.example", "https://foreign.example", False),
    ],
)
def test_in_production_the_public_address_is_the_sites_own_page(public, origin, own):
    """Whatever name was asked for."""
    web = WebSettings(secret="a secret for tests", environment="production", public_url=public)
    client = TestClient(create_app(FakeContainer(web=web)), headers={"host": "foreign.example", "origin": origin})

    assert client.post("/v1/sessions").status_code == (200 if own else 403)


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "192.168.1.20", "a.localhost"])
def test_this_computer_and_plain_addresses_are_served_in_development(host):
    assert TestClient(create_app(FakeContainer()), headers={"host": host}).post("/v1/sessions").status_code == 200


async def test_an_address_has_so_many_sessions_and_gets_them_back():
    """All come from this computer, which is one address in production."""
    web = WebSettings(secret="a secret for tests", environment="production", sessions_per_address=2)
    async with serving(FakeContainer(web=web)) as url, ChatClient(url) as first, ChatClient(url):
        with pytest.raises(ConnectionClosed) as refused:
            async with ChatClient(url):
                pass
        await first.send("session.end")
        await first.closed()
        async with ChatClient(url) as third:
            opened = third.session["type"]

    assert refused.value.rcvd is not None
    assert refused.value.rcvd.code == 4008
    assert opened == "session.created"


@pytest.fixture
def echo() -> Iterator[int]:
    """Port of a server that says whom it takes for the visitor."""
    with served_in_thread(ClientAddress(_echo, trusted=TrustedProxies.read("127.0.0.1"))) as port:
        yield port


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
def test_a_real_proxy_names_its_visitor_whatever_he_writes(proxy, echo, tmp_path):
    """With the guide's lines for nginx, and Caddy's `reverse_proxy`; the visitor comes from 127.0.0.2."""
    with running(proxy, tmp_path, echo) as port:
        plainly, lying = (
            asked_from("127.0.0.2", port, {"X-Forwarded-For": said} if said else {}) for said in ("", "203.0.113.9")
        )

    assert plainly == lying == {"visitor": "127.0.0.2", "scheme": "http"}


def _connection(client: tuple[str, int] | None) -> Request:
    return Request({"type": "http", "client": client, "headers": []})


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        client = scope["client"]
        await JSONResponse({"visitor": client and client[0], "scheme": scope["scheme"]})(scope, receive, send)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
@pytest.mark.parametrize("trusted", ["", "127.0.0.1", "1"])
def test_whom_a_proxy_on_this_computer_passes_on_is_not_this_computer(header, trusted):
    """In development whoever sits here has all roles; strangers that a tunnel or a proxy brings have none."""
    web = WebSettings(secret="a secret for tests", trusted_proxies=TrustedProxies.read(trusted))
    client = TestClient(create_app(FakeContainer(web=web)), headers={"host": "localhost"}, client=("127.0.0.1", 5000))

    assert client.get("/v1/audit", headers={header: "127.0.0.1"}).status_code == 401
    assert client.get("/v1/audit").status_code == (401 if trusted else 200)
