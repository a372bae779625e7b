"""One suite for every log of turns."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.adapters.sql.turn_log import SqlTurnLog
from app.author_errors import QueryInvalidError
from app.learning.memory_turn_log import MemoryTurnLog
from app.learning.questions.query import QuestionQuery
from app.learning.turn_log import Chosen, Miss, TurnRecord

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def log(request, opened):
    if request.param == "memory":
        return MemoryTurnLog()
    return SqlTurnLog(await opened(request.param))


def a_turn(turn_id="t1", question="Where is the cloakroom?", *, at=0, outcome="missed", **changes: Any):
    fields = {"session": "s1", "locale": "en", "intent": None, "clip": None, "receipt": {"score": 0.3}}
    asked_at = NOON + timedelta(seconds=at)
    return TurnRecord(
        id=turn_id, asked_at=asked_at, question=question, outcome=outcome, latency_ms=12.5, **fields | changes
    )


async def test_turns_are_stored_together(log):
    await log.record_all([a_turn(f"t{number}", at=number) for number in range(130)])

    assert [turn.id for turn in await log.newest(limit=200)] == [f"t{number}" for number in reversed(range(130))]


async def test_turns_of_a_batch_replace_earlier_ones(log):
    await log.record(a_turn())
    await log.record_all([a_turn(outcome="generated"), a_turn("t2")])

    stored = [await log.get(one) for one in ("t1", "t2")]
    assert [turn and turn.outcome for turn in stored] == ["generated", "missed"]


async def test_a_turn_comes_back_as_it_was(log):
    turn = a_turn(outcome="answered", intent="cloakroom", clip="c" * 64)

    await log.record(turn)

    assert await log.get("t1") == turn
    assert await log.get("t2") is None


async def test_the_newest_come_first(log):
    for number in range(4):
        await log.record(a_turn(f"t{number}", at=number))

    assert [turn.id for turn in await log.newest(limit=3)] == ["t3", "t2", "t1"]


async def test_the_same_turn_again_replaces_it(log):
    await log.record(a_turn())
    await log.record(a_turn(outcome="generated"))

    assert (await log.get("t1")).outcome == "generated"
    assert (await log.misses(limit=10))[0].count == 1


async def test_turns_that_end_together_are_all_written(log):
    turns = [a_turn(f"t{number}", at=number) for number in range(60)]

    await asyncio.gather(*(log.record(turn) for turn in turns))

    assert [await log.get(turn.id) for turn in turns] == turns


async def test_only_the_session_that_asked_may_rate(log):
    await log.record(a_turn())

    assert not await log.feedback("t1", session="s2", score="down", comment=None)
    assert not await log.feedback("t9", session="s1", score="down", comment=None)
    assert await log.feedback("t1", session="s1", score="up", comment="good")

    rated = await log.get("t1")
    assert (rated.score, rated.comment) == ("up", "good")


async def test_equal_questions_are_counted_together_most_asked_first(log):
    await log.record(a_turn("t1", "Do you sell maps?", at=1))
    await log.record(a_turn("t2", "Is there WiFi?", at=2))
    await log.record(a_turn("t3", "is there  wifi", at=3, outcome="generated"))
    await log.record(a_turn("t4", "IS THERE WIFI??", at=4, outcome="clarify"))

    found = await log.misses(limit=10)

    assert found == (
        Miss("IS THERE WIFI??", "en", 3, NOON + timedelta(seconds=4), quoted=1, chips=1),
        Miss("Do you sell maps?", "en", 1, NOON + timedelta(seconds=1)),
    )
    assert await log.misses(limit=1, offset=1) == found[1:]


@pytest.mark.parametrize("outcome", ["answered", "failed", "blocked", "cancelled"])
async def test_what_was_answered_or_failed_here_is_no_miss(log, outcome):
    await log.record(a_turn(outcome=outcome))
    await log.record(a_turn("t2", outcome="failed", intent="cloakroom"))
    await log.record(a_turn("t3", outcome="clarify", offered=("lift",), chosen="lift"))

    assert await log.misses(limit=10) == ()


async def test_the_same_words_in_two_locales_are_two_questions(log):
    await log.record(a_turn("t1", "Taxi?", locale="en"))
    await log.record(a_turn("t2", "Taxi?", locale="de"))

    assert {miss.locale for miss in await log.misses(limit=10)} == {"en", "de"}


async def test_chosen_chips_are_counted_by_intent_and_question(log):
    picked = {"outcome": "answered", "chosen_for": "Anywhere for my coat?"}
    await log.record(a_turn("t1", at=1, intent="cloakroom", **picked))
    await log.record(a_turn("t2", at=2, intent="cloakroom", **picked))
    await log.record(a_turn("t3", at=3, intent="lift", **picked))
    await log.record(a_turn("t4", outcome="answered", intent="lift"))

    assert await log.chosen(limit=10) == (
        Chosen("cloakroom", "Anywhere for my coat?", "en", 2, NOON + timedelta(seconds=2)),
        Chosen("lift", "Anywhere for my coat?", "en", 1, NOON + timedelta(seconds=3)),
    )
    assert len(await log.chosen(limit=1)) == 1
    assert (await log.get("t1")).chosen_for == "Anywhere for my coat?"


async def test_what_was_asked_is_added_up_by_intent_and_locale(log):
    for number in range(5):
        await log.record(a_turn(f"t{number}", outcome="answered", intent="cloakroom"))
    await log.record(a_turn("t5", outcome="cancelled", intent="cloakroom", locale="de"))
    await log.record(a_turn("t6", outcome="generated", intent="lift"))
    await log.record(a_turn("t7"))

    assert await log.asked() == {("cloakroom", "en"): 5, ("cloakroom", "de"): 1, ("lift", "en"): 1}


async def test_old_turns_are_forgotten(log):
    await log.record(a_turn("t1", at=0))
    await log.record(a_turn("t2", at=10))

    assert await log.forget(before=NOON + timedelta(seconds=5)) == 1
    assert await log.get("t1") is None
    assert await log.get("t2") is not None


async def test_a_session_is_erased_whole_and_alone(log):
    await log.record(a_turn("t1"))
    await log.record(a_turn("t2", session="s2"))
    await log.record(a_turn("t3"))

    assert await log.erase("s1") == 2

    assert [await log.get(turn) is not None for turn in ("t1", "t2", "t3")] == [False, True, False]
    assert await log.erase("s1") == 0


async def test_a_turn_on_its_way_is_erased_too(log):
    writing = asyncio.ensure_future(log.record(a_turn("t1")))
    await asyncio.sleep(0)

    await log.erase("s1")
    await writing

    assert await log.get("t1") is None


async def test_what_was_said_offered_and_heard_comes_back(log):
    turn = a_turn(
        outcome="clarify",
        said="Did you mean one of these?",
        offered=("cloakroom", "lift"),
        release="release-2",
        topic="house",
        nearest="lift",
        document="Lockers",
    )
    await log.record(turn)

    await log.note("t1", session="s1", chosen="lift")
    await log.note("t1", session="s1", stopped_after_s=1.5)
    await log.note("t1", session="s2", chosen="cloakroom")
    await log.note("t9", session="s1", chosen="cloakroom")

    assert await log.get("t1") == replace(turn, chosen="lift", stopped_after_s=1.5)


A_DAY = [
    a_turn("t0", "When are you open?", at=0, outcome="answered", intent="hours", topic="desk", answered_by="intent"),
    a_turn("t1", "Opening hours", at=1, outcome="answered", intent="hours", topic="desk", answered_by="choice"),
    a_turn("t2", "Thanks", at=2, outcome="answered", answered_by="reply"),
    a_turn("t3", "Who built it?", at=3, outcome="generated", answered_by="document"),
    a_turn("t4", "Why is it red?", at=4, outcome="generated", answered_by="model"),
    a_turn("t5", "Coat 100%?", at=5, outcome="clarify", offered=("cloakroom",), locale="de", release="release-2"),
    a_turn("t6", "Locker?", at=6, outcome="clarify", offered=("cloakroom",), chosen="cloakroom"),
    a_turn("t7", "A crown?", at=7, outcome="missed", session="s2", score="down", nearest="lift", topic="house"),
    a_turn("t8", "A crown?", at=8, outcome="failed", session="s2"),
    a_turn("t9", "An old one", at=9, outcome="generated"),
]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "9876543210"),
        ({"outcomes": ("answered",)}, "0"),
        ({"outcomes": ("choice",)}, "1"),
        ({"outcomes": ("reply",)}, "2"),
        ({"outcomes": ("document",)}, "93"),
        ({"outcomes": ("model",)}, "4"),
        ({"outcomes": ("document", "model", "failed")}, "9843"),
        ({"outcomes": ("chips",)}, "5"),
        ({"outcomes": ("chosen",)}, "6"),
        ({"outcomes": ("chosen", "chips", "missed")}, "765"),
        ({"rating": "down"}, "7"),
        ({"intent": "hours"}, "10"),
        ({"topic": "house"}, "7"),
        ({"locale": "de"}, "5"),
        ({"release": "release-2"}, "5"),
        ({"since": NOON + timedelta(seconds=3), "until": NOON + timedelta(seconds=5)}, "43"),
        ({"text": "a  CROWN"}, "87"),
        ({"text": "100%"}, "5"),
        ({"text": "%"}, "5"),
        ({"outcomes": ("missed",), "locale": "de"}, ""),
    ],
)
async def test_questions_are_filtered(log, query, found):
    for turn in A_DAY:
        await log.record(turn)

    page = await log.questions(QuestionQuery(**query))

    assert "".join(turn.id[1:] for turn in page.items) == found
    assert page.cursor is None


def test_a_result_tells_answers_apart():
    assert [turn.result for turn in A_DAY] == [
        *("answered", "choice", "reply", "document", "model", "chips", "chosen", "missed", "failed", "document")
    ]


async def test_pages_follow_each_other_though_more_is_asked_meanwhile(log):
    for number in range(5):
        await log.record(a_turn(f"t{number}", at=number // 2))
    first = await log.questions(QuestionQuery(limit=2))
    await log.record(a_turn("t9", at=9))

    second = await log.questions(QuestionQuery(limit=2, cursor=first.cursor))
    third = await log.questions(QuestionQuery(limit=2, cursor=second.cursor))

    assert [[turn.id for turn in page.items] for page in (first, second, third)] == [["t4", "t3"], ["t2", "t1"], ["t0"]]
    assert third.cursor is None
    with pytest.raises(QueryInvalidError, match="Expected the `cursor`"):
        await log.questions(QuestionQuery(cursor="elsewhere"))


async def test_a_visit_is_told_in_its_order(log):
    for turn in reversed(A_DAY):
        await log.record(turn)

    assert [turn.id for turn in await log.transcript("s2")] == ["t7", "t8"]
    assert await log.transcript("s9") == ()
