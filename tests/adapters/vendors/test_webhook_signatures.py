"""Key sets that are rotated, slow, gone; signatures made by the simulators' own signers."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.http.endpoint import Access
from app.adapters.vendors.registry import open_vendors
from app.adapters.vendors.webhook_signatures import (
    JobEvent,
    KeySet,
    check_hmac,
    check_secret,
    check_time,
    header,
    read_body,
)
from app.errors import AccessError, ProviderUnavailableError
from app.simulators.signing import Keys

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Desk:
    """Stands for the wire: answers with the key set, or not at all."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.asked = 0
        self.down = False

    async def ask(self, _method: str, _url: str):
        self.asked += 1
        if self.down:
            raise ProviderUnavailableError("down")
        return self

    @property
    def document(self):
        return self.keys.key_set()


@pytest.fixture
def desk():
    return Desk(Keys())


async def test_keys_are_asked_for_once_a_day(desk):
    keys = KeySet(desk, "/jwks")

    for hours in (0, 1, 23):
        await keys.check(desk.keys.private.sign(b"x"), b"x", now=NOW + timedelta(hours=hours))
    assert desk.asked == 1
    await keys.check(desk.keys.private.sign(b"x"), b"x", now=NOW + timedelta(hours=25))

    assert desk.asked == 2


async def test_rotated_keys_are_found(desk):
    keys = KeySet(desk, "/jwks")
    await keys.check(desk.keys.private.sign(b"x"), b"x", now=NOW)
    desk.keys.rotate()

    await keys.check(desk.keys.private.sign(b"x"), b"x", now=NOW + timedelta(minutes=2))

    assert desk.asked == 2


async def test_forgeries_do_not_make_us_ask_again_and_again(desk):
    keys = KeySet(desk, "/jwks")
    await keys.check(desk.keys.private.sign(b"x"), b"x", now=NOW)

    for _ in range(20):
        with pytest.raises(AccessError):
            await keys.check(Keys().private.sign(b"x"), b"x", now=NOW + timedelta(minutes=5))

    assert desk.asked == 2


async def test_old_keys_serve_while_the_provider_is_down(desk):
    keys = KeySet(desk, "/jwks")
    await keys.check(desk.keys.private.sign(b"x"), b"x", now=NOW)
    desk.down = True

    await keys.check(desk.keys.private.sign(b"x"), b"x", now=NOW + timedelta(days=3))


async def test_without_any_keys_nothing_is_believed(desk):
    desk.down = True

    with pytest.raises(ProviderUnavailableError):
        await KeySet(desk, "/jwks").check(b"s", b"x", now=NOW)


@pytest.mark.parametrize(
    "stamp",
    [
        *("", "now", "-5", "١٢٣", str(int(NOW.timestamp()) - 301), str(int(NOW.timestamp()) + 301)),
        *("9" * digits for digits in (13, 400, 5000)),
    ],
)
def test_a_time_outside_the_window_is_refused(stamp):
    with pytest.raises(AccessError):
        check_time(stamp, now=NOW)


def test_a_time_inside_the_window_passes():
    check_time(str(int(NOW.timestamp()) - 299), now=NOW)


@pytest.mark.parametrize("secret", [None, "", "other"])
def test_no_secret_never_passes(secret):
    with pytest.raises(AccessError):
        check_hmac("ab", b"x", secret=secret)
    with pytest.raises(AccessError):
        check_secret("" if not secret else "x", secret)


@pytest.mark.parametrize("odd", ["job\x00", "job\ud800", "j" * 301, "job\n"])
def test_an_id_that_cannot_be_stored_or_logged_is_refused(odd):
    for event in (JobEvent(odd, "done"), JobEvent("job", "done", odd)):
        with pytest.raises(AccessError, match="printable"):
            event.checked()


def test_headers_are_found_in_any_case_and_missed_by_name():
    assert header({"x-fal-WEBHOOK": "1"}, "X-Fal-Webhook") == "1"
    with pytest.raises(AccessError, match="X-Other"):
        header({}, "X-Other")


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{"])
def test_a_body_that_is_no_object_is_refused(body):
    with pytest.raises(AccessError):
        read_body(body)


@pytest.mark.parametrize("state", [{}, [], ["failed"], 7, None, True])
@pytest.mark.parametrize(("name", "job"), [("did", "id"), ("creatify", "id"), ("kling", "task_id")])
async def test_a_state_that_is_no_text_is_no_end(name, job, state):
    vendor = open_vendors({name: Access("key:key")})[name]
    body = json.dumps({job: "job-1", "status": state, "task_status": state}).encode()

    event = await vendor.verify({}, body, now=NOW)

    assert (event.request_id, event.state) == ("job-1", "running")
    await vendor.aclose()
