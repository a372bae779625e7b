from datetime import UTC, datetime, timedelta

import pytest

from app.rendering.ledger.circuit_breaker import COOL_LOST_S, COOL_S, open_until

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def told(*verdicts: str):
    """Newest first, a second apart, the newest at noon."""
    return tuple((NOON - timedelta(seconds=age), verdict) for age, verdict in enumerate(verdicts))


@pytest.mark.parametrize(
    ("verdicts", "cool_s"),
    [
        ((), None),
        (("bad", "bad"), None),
        (("bad", "bad", "good", "bad"), None),
        (("good", "bad", "bad", "bad"), None),
        (("bad", "bad", "bad"), COOL_S),
        (("bad", "unknown", "bad", "bad"), COOL_S),
        (("unknown", "unknown", "good"), None),
        (("unknown", "good", "unknown", "unknown"), COOL_LOST_S),
    ],
)
def test_failures_in_a_row_open_it_and_lost_answers_count_apart(verdicts, cool_s):
    expected = None if cool_s is None else NOON + timedelta(seconds=cool_s)

    assert open_until(told(*verdicts), NOON) == expected


def test_it_closes_after_a_while():
    assert open_until(told("bad", "bad", "bad"), NOON + timedelta(seconds=COOL_S)) is None
