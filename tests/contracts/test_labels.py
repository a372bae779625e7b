"""Labels of judged turns: one a turn, the newest counts, oldest first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.sql.labels import SqlLabels
from app.learning.traffic import TurnLabel

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
async def labels(request, opened):
    return SqlLabels(await opened(request.param))


def a_label(turn: str, *, right: bool = True, at: int = 0) -> TurnLabel:
    return TurnLabel(turn, "dogs", right, 0.75, 0.125, "an encoder", NOON + timedelta(seconds=at), "ada")


async def test_labels_come_back_as_they_were_oldest_first(labels):
    second, first = a_label("t2", at=1), a_label("t1", right=False)
    await labels.add(second)
    await labels.add(first)

    assert await labels.all() == (first, second)


async def test_a_turn_that_is_judged_again_has_the_newest_verdict(labels):
    await labels.add(a_label("t1"))
    again = replace(a_label("t1", at=5), right=False)

    await labels.add(again)

    assert await labels.all() == (again,)
