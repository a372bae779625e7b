"""`greenroom report` posted to a real server: taken, refused, hung up on, tried again, signed."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stamina

from tests.cli.conftest import Greenroom
from tests.support.sites import Site

SECRET = "whsec_" + base64.b64encode(b"a key of the chat service").decode()
PROVIDER = 6
TRIES = 4


class Receiver(ThreadingHTTPServer):
    """Server that answers deliveries with the next of its plans; 0 hangs up. The last plan holds on."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.plans: list[int] = [200]
        self.deliveries: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks/authors?room=7"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.deliveries.append((self.path, headers, body))
        status = self.server.plans.pop(0) if len(self.server.plans) > 1 else self.server.plans[0]
        if status == 0:
            self.connection.close()
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def finish(self) -> None:
        if not self.wfile.closed and self.connection.fileno() >= 0:
            super().finish()

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with Receiver() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("GREENROOM_REPORT_WEBHOOK", server.url)
        stamina.set_testing(True, attempts=TRIES)
        yield server
        stamina.set_testing(False)
        server.shutdown()


@pytest.fixture
def post(greenroom: Greenroom, warmed_site: Site, tmp_path):
    site = warmed_site.copied(tmp_path / "site")
    return lambda *options: greenroom("report", "--post", *options, site=site)


def test_the_letter_is_posted_once_with_its_words_and_its_content(receiver, post):
    ran = post("--json")

    assert ran.code == 0, ran.err
    assert "Posted the letter" in ran.err
    [(path, headers, body)] = receiver.deliveries
    posted = json.loads(body)
    assert path == "/hooks/authors?room=7"
    assert headers["content-type"] == "application/json"
    assert "webhook-signature" not in headers, "there is no secret"
    assert posted["text"].startswith("# ")
    assert posted["letter"]["since"] == ran.document["since"]


def test_a_secret_signs_what_is_posted_so_that_any_library_verifies_it(receiver, post, monkeypatch):
    monkeypatch.setenv("GREENROOM_REPORT_SECRET", SECRET)

    ran = post()

    [(_, headers, body)] = receiver.deliveries
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.digest(b"a key of the chat service", signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    assert SECRET not in ran.out + ran.err


@pytest.mark.parametrize("first", [500, 503, 429, 0], ids=["500", "503", "429", "hangs up"])
def test_a_receiver_that_recovers_gets_the_same_delivery_again(receiver, post, monkeypatch, first):
    monkeypatch.setenv("GREENROOM_REPORT_SECRET", SECRET)
    receiver.plans = [first, 200]

    ran = post()

    assert ran.code == 0, ran.err
    one, other = receiver.deliveries
    assert one == other, "id, time, signature and body are the same, so that it is posted once there"


@pytest.mark.parametrize("always", [500, 404, 302, 0], ids=["500", "404", "a redirect", "hangs up"])
def test_a_letter_that_nobody_takes_ends_with_a_status_after_a_few_tries(receiver, post, always):
    receiver.plans = [always]

    ran = post()

    assert ran.code == PROVIDER
    assert "Posted" not in ran.err
    assert f"127.0.0.1:{receiver.server_port}" in ran.err
    assert "room=7" not in ran.err, "the address may be a secret"
    assert len(receiver.deliveries) == TRIES


def test_an_address_on_the_command_line_does_not_reach_into_the_network(receiver, greenroom, warmed_site, tmp_path):
    ran = greenroom("report", "--webhook", receiver.url, site=warmed_site.copied(tmp_path / "site"))

    assert ran.code != 0
    assert receiver.deliveries == []


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("WEBHOOK=", "GREENROOM_REPORT_WEBHOOK"),
        ("WEBHOOK=ftp://127.0.0.1/x", "Expected a webhook such as"),
        ("SECRET=whsec_%%%", "GREENROOM_REPORT_SECRET"),
        ("SECRET=whsec_ü", "GREENROOM_REPORT_SECRET"),
        ("SECRET=whsec_", "GREENROOM_REPORT_SECRET"),
    ],
)
def test_what_is_set_wrongly_is_said_and_nothing_is_posted(receiver, post, monkeypatch, variable, said):
    name, _, value = variable.partition("=")
    monkeypatch.setenv(f"GREENROOM_REPORT_{name}", value)

    ran = post()

    assert ran.code == 1
    assert said in ran.err
    assert receiver.deliveries == []
