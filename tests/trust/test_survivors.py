"""Defences that a mutation once passed by unseen, each killed by name: `make mutate` has the others."""

import asyncio
import socket
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import ip_address
from typing import Any

import pytest

from app.adapters.http.client import ProviderHttp
from app.adapters.http.endpoint import Endpoint
from app.adapters.http.public_addresses import _literal, points_inside, public_address
from app.adapters.responders.chat import _Asked
from app.conversation.fakes import FakeResponder
from app.errors import BudgetExceededError, LeaseLostError, MediaError
from app.matching.calibration import Calibration
from app.matching.decision import Thresholds
from app.matching.policy import RankedIntent, ranked, rule
from app.rendering.ledger.port import Cap, Spend, check_cap
from app.rendering.ledger.states import BeginSubmit, Heartbeat, Render, RenderState, transition
from tests.conversation.test_responders import shared_by

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAP = Cap("day:2026-11-22", Decimal("1.00"))


def a_render(**changes: Any) -> Render:
    """A render that a worker has leased."""
    known: dict[str, Any] = {
        "id": "r1",
        "recipe_key": "k",
        "provider": "fake",
        "model": "fake",
        "created_at": NOON,
        "updated_at": NOON,
        "state": RenderState.LEASED,
        "fence": 5,
    }
    return Render(**known | changes)


def test_exactly_the_cap_may_be_spent_and_nothing_more():
    """`>` instead of `>=`."""
    used = Spend(CAP.scope, reserved=Decimal("0.25"), spent=Decimal("0.50"))

    check_cap(CAP, used, Decimal("0.25"))
    with pytest.raises(BudgetExceededError):
        check_cap(CAP, used, Decimal("0.250001"))


@pytest.mark.parametrize("fence", [4, 6], ids=["older", "newer"])
def test_any_other_fence_is_refused(fence):
    """Not only an older one."""
    render = a_render()

    with pytest.raises(LeaseLostError):
        transition(render, Heartbeat(now=NOON, fence=fence, lease_s=10.0))
    assert transition(render, Heartbeat(now=NOON, fence=5, lease_s=10.0)).state is RenderState.LEASED


def test_a_first_that_is_sure_but_hardly_ahead_is_not_answered():
    """The margin counts, not the probability alone."""
    sure = Calibration(bias=0.0, score=10.0, margin=0.0)
    limits = Thresholds(answer=0.5, margin=0.3, clarify=0.5, source="test")

    near, far = [
        rule(
            ranked([RankedIntent("a", 0.6, 0.6), RankedIntent("b", second, second)]),
            calibration=sure,
            thresholds=limits,
        )
        for second in (0.4, 0.2)
    ]

    assert near.probability >= limits.answer
    assert (near.outcome, far.outcome) == ("clarify", "answer")


@pytest.mark.parametrize(
    "found",
    [("93.184.216.34", "10.0.0.8"), ("10.0.0.8", "93.184.216.34"), ("2606:4700::1111", "::1")],
    ids=["inner last", "inner first", "sixth version"],
)
async def test_a_name_of_which_any_address_is_inside_is_refused(monkeypatch, found):
    """Every answer of a look-up is checked, not the first alone."""

    async def answers(host, port, **_more: object):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", answers)

    with pytest.raises(MediaError, match="public address"):
        await public_address("two-faced.example", 443)


async def test_a_flight_is_shared_within_its_locale():
    inner = FakeResponder(("Worte.",))
    responder = shared_by(inner)

    for locale in ("en", "de", "en"):
        async for _ in responder.respond("Wer?", locale=locale, session="s1"):
            pass

    assert len(inner.asked) == 2


def test_a_sentence_of_a_model_has_no_address_that_the_documents_do_not_have():
    """A number check alone lets one pass."""
    asked = _Asked("Where are tickets?", ("Tickets are at tickets.example.org.",), "nonce")

    assert asked.allows("Tickets are at tickets.example.org.")
    assert not asked.allows("Tickets are at cheaper.example.net.")


def test_a_proxy_of_the_environment_never_fetches_for_a_stranger(monkeypatch):
    """An address that a stranger named is bound to what was looked up; a proxy would look it up again."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    wire = ProviderHttp(Endpoint("https://api.example.org", domains=("example.org",)), {})

    assert wire._client("bare")._mounts == {}
    assert wire._client("pooled")._mounts != {}


@pytest.mark.parametrize("others", [(), (-0.4,)], ids=["alone", "second below nothing"])
def test_the_lead_of_a_first_without_a_rival_is_its_own_score(others):
    """What is not there, or less than nothing, counts as nothing: no other number."""
    heads = (0.6, *others)
    sure = Calibration(bias=0.0, score=10.0, margin=0.0)
    limits = Thresholds(answer=0.5, margin=0.3, clarify=0.5, source="test")

    ruling = rule(
        ranked([RankedIntent(f"i{at}", head, head) for at, head in enumerate(heads)]),
        calibration=sure,
        thresholds=limits,
    )

    assert ruling.margin == pytest.approx(0.6)


@pytest.mark.parametrize(("amount", "paid"), [("0", 0), ("0.000001", 1), ("0.5", 1)])
def test_an_order_of_any_amount_is_a_paid_try_and_a_free_one_is_none(amount, paid):
    """`> 0`, not `> 1` nor `> -1`."""
    begin = BeginSubmit(now=NOON, fence=5, token="t", amount=Decimal(amount))

    assert transition(a_render(lease_until=NOON.replace(hour=13)), begin).paid_tries == paid


@pytest.mark.parametrize("host", ["[fe80::1%25eth0]", "[::1%251]"])
def test_an_inner_address_with_a_zone_points_inside(host):
    """The address before the zone is judged."""
    assert points_inside(f"https://{host}/")
    assert _literal("fe80::1%eth0") == ip_address("fe80::1")
