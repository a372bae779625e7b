"""Addresses are hashed, and what one of them may do is bounded."""

import json
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from app.conversation.fakes import FakeClock
from app.conversation.rate_limits import MemoryLimits
from app.errors import RateLimitedError
from app.runtime.settings.api_keys import KeyRole, new_key
from app.runtime.settings.site import WebSettings
from app.web.app import create_app
from app.web.chat.line import Peer
from app.web.visitors import RATES, VisitorAddress, Visitors
from tests.support.fake_web import FakeContainer


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def visitors(clock) -> Visitors:
    return Visitors("a secret for tests", clock, MemoryLimits(clock.monotonic))


def from_host(host: str) -> Request:
    return Request({"type": "http", "client": (host, 5000), "headers": []})


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "127.8.8.8", "testclient", ""])
def test_this_computer_has_no_address(visitors, host):
    assert visitors.address_of(from_host(host)) == VisitorAddress()


def test_an_address_is_a_hash_that_changes_every_day(visitors, clock):
    today = visitors.address_of(from_host("203.0.113.7"))
    again = visitors.address_of(from_host("203.0.113.7"))
    other = visitors.address_of(from_host("203.0.113.8"))
    clock.elapsed_s += 86_400
    tomorrow = visitors.address_of(from_host("203.0.113.7"))

    assert today == again
    assert len({today, other, tomorrow}) == 3
    assert "203" not in today.line


def test_another_server_hashes_otherwise(clock):
    one, two = (Visitors(secret, clock, MemoryLimits(clock.monotonic)) for secret in ("one", "two"))

    assert one.address_of(from_host("203.0.113.7")) != two.address_of(from_host("203.0.113.7"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::5", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::5", "2001:db8:1:ff::5", True),
        ("2001:db8:1:2::5", "2001:db8:1:100::5", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
    ],
)
def test_a_household_is_one_address(visitors, one, other, same):
    """With IPv6 a home, or a school, has a network of 56 bits or less."""
    assert (visitors.address_of(from_host(one)) == visitors.address_of(from_host(other))) is same


async def test_an_address_is_let_in_so_often_and_then_later(visitors, clock):
    for _ in range(RATES["token"].burst):
        await visitors.admit(VisitorAddress("house"), "token")

    with pytest.raises(RateLimitedError) as refused:
        await visitors.admit(VisitorAddress("house"), "token")
    await visitors.admit(VisitorAddress("another"), "token")
    await visitors.admit(VisitorAddress("house"), "question")
    clock.elapsed_s += refused.value.retry_after_s + 0.1
    await visitors.admit(VisitorAddress("house"), "token")

    assert refused.value.retry_after_s > 0


def test_too_many_tokens_are_refused_with_the_time_to_wait():
    client = TestClient(create_app(FakeContainer()), client=("203.0.113.7", 5000))

    answers = [client.post("/v1/sessions") for _ in range(RATES["token"].burst + 1)]

    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "rate_limited")
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[-1].json()["retryable"] is True


def test_guesses_are_counted_and_slowed():
    """A known key goes on working from the same address: whoever guesses locks nobody out."""
    key, entry = new_key("ada", KeyRole.OPERATOR)
    container = FakeContainer(web=WebSettings(secret="a secret for tests", environment="production", keys=(entry,)))
    client = TestClient(create_app(container), client=("203.0.113.7", 5000))

    guesses = [
        client.get("/v1/audit", headers={"x-api-key": f"guess-{number}"}) for number in range(RATES["guess"].burst + 1)
    ]
    known = client.get("/v1/audit", headers={"x-api-key": key})

    assert {answer.status_code for answer in guesses[:-1]} == {401}
    assert guesses[-1].status_code == 429
    assert known.status_code == 200
    assert known.headers["cache-control"] == "no-store"
    assert container.metrics.get_sample_value("greenroom_refused_keys_total") == RATES["guess"].burst + 1


@pytest.mark.parametrize(
    "wish", [{"type": "handover.request"}, {"type": "input.form", "turn": "t1", "values": {"name": "Ada"}}]
)
async def test_forms_and_wishes_for_a_person_from_one_address_are_bounded(visitors, wish):
    """However many sessions the address opens: each of them would let some through."""
    taken, refused = [], []
    state = SimpleNamespace(visitors=visitors, hub=SimpleNamespace(heard=lambda _: None))
    driver = SimpleNamespace(receive=taken.append, refuse=lambda error, *, ref: refused.append((error.code, ref)))

    for number in range(RATES["request"].burst + 1):
        await Peer(VisitorAddress("house")).take(json.dumps({**wish, "id": f"r{number}"}), state, driver)

    assert len(taken) == RATES["request"].burst
    assert refused == [("rate_limited", f"r{RATES['request'].burst}")]
