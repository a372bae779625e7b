"""One suite for every book of questions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from app.adapters.sql.questions.book import SqlQuestionBook
from app.adapters.sql.turn_log import SqlTurnLog
from app.author_errors import QueryInvalidError, QuestionNotFoundError
from app.learning.memory_turn_log import MemoryTurnLog
from app.learning.questions.groups import StateMark
from app.learning.questions.identity import question_id
from app.learning.questions.memory_book import MemoryQuestionBook
from app.learning.questions.query import Place, QuestionQuery
from app.learning.questions.questions import Questions
from app.learning.turn_log import TurnRecord

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
SUBJECTS = ("crown", "park", "open", "name")


class SubjectEncoder:
    """Encoder of one dimension a subject; words without a subject are like nothing else."""

    name = "subjects"

    def __init__(self) -> None:
        self.texts = []

    def encode(self, texts):
        self.texts += texts
        vectors = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in enumerate(texts):
            found = [place for place, subject in enumerate(SUBJECTS) if subject in text]
            vectors[row, found[0] if found else 8 + sum(map(ord, text)) % 56] = 1
        return vectors


class OneEncoder(SubjectEncoder):
    """Encoder that finds everything alike."""

    name = "one"

    def encode(self, texts):
        vectors = np.zeros((len(texts), 64), dtype=np.float32)
        vectors[:, 0] = 1
        return vectors


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def asked(request, opened):
    if request.param == "memory":
        log = MemoryTurnLog()
        book = MemoryQuestionBook(log)
    else:
        database = await opened(request.param)
        log, book = SqlTurnLog(database), SqlQuestionBook(database)
    encoder = SubjectEncoder()
    return Questions(book=book, turns=log, encoder=lambda: encoder, now=lambda: LATER, visitors=1)


def turn(number, question, *, outcome="missed", session=None, **changes: Any):
    made = TurnRecord(
        id=f"t{number}",
        session=session or f"s{number}",
        asked_at=NOON + timedelta(seconds=number),
        question=question,
        locale="en",
        outcome=outcome,
        intent=None,
        clip=None,
        receipt={},
        latency_ms=1.0,
    )
    return replace(made, **changes)


CROWNS = [
    turn(1, "How much is a crown?", nearest="dentures"),
    turn(2, "how much is a crown", outcome="generated", answered_by="document"),
    turn(3, "A crown, my name is Ann Smith, ann@example.org", outcome="clarify", nearest="dentures"),
    turn(4, "Where do I park?", outcome="answered", intent="parking", topic="way", score="up"),
    turn(5, "Can I park there?", outcome="answered", intent="parking", topic="way", score="down", session="s4"),
    turn(6, "When are you open?", outcome="failed"),
    turn(7, "A crown", outcome="answered", intent="crowns", answered_by="choice"),
    turn(8, "Crown?", locale="de"),
]


PARKING = "Can I park there?"
"""Asked as often as the other wording; then the smaller id goes first."""


async def record(asked, turns):
    for one in turns:
        await asked.turns.record(one)


async def groups(asked, visitors=1, **query: Any):
    page = await asked.book.groups(QuestionQuery(**{"order": "most"} | query), visitors=visitors)
    return [(one.question, one.asked, one.visitors, dict(one.outcomes)) for one in page.items]


async def test_questions_of_one_meaning_are_one_group_locales_apart(asked):
    await record(asked, CROWNS)

    assert await asked.regroup() == 6

    assert await groups(asked) == [
        ("How much is a crown?", 3, 3, {"missed": 1, "document": 1, "chips": 1}),
        (PARKING, 2, 1, {"answered": 2}),
        ("Crown?", 1, 1, {"missed": 1}),
    ]


async def test_what_this_machine_failed_at_is_told_only_to_who_asks(asked):
    await record(asked, CROWNS)
    await asked.regroup()

    assert await groups(asked, outcomes=("failed",)) == [("When are you open?", 1, 1, {"failed": 1})]
    assert await groups(asked, outcomes=("choice",)) == []


async def test_a_group_tells_what_was_played_rated_and_near(asked):
    await record(asked, CROWNS)
    await asked.regroup()

    crowns = await asked.group(question_id("en", "how much is a crown"))
    parking = await asked.group(question_id("en", "Can I park there?"))

    assert (crowns.nearest, crowns.wordings, crowns.first_at) == ("dentures", 2, CROWNS[0].asked_at)
    assert crowns.examples == ("How much is a crown?", "A crown, my name is [name], [mail]")
    assert (parking.intents, parking.up, parking.down) == ({"parking": 2}, 1, 1)
    assert [(one.question, one.asked) for one in await asked.members(crowns.id)] == [
        ("How much is a crown?", 2),
        ("A crown, my name is [name], [mail]", 1),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"since": NOON + timedelta(seconds=3)}, {PARKING: 2, "A crown, my name is [name], [mail]": 1}),
        ({"until": NOON + timedelta(seconds=3)}, {"How much is a crown?": 2}),
        ({"rating": "down"}, {"Can I park there?": 1}),
        ({"topic": "way"}, {PARKING: 2}),
        ({"intent": "parking"}, {PARKING: 2}),
        ({"outcomes": ("missed", "chips")}, {"A crown, my name is [name], [mail]": 2}),
        ({"text": "much is"}, {"How much is a crown?": 2}),
    ],
)
async def test_filters_count_the_turns_that_fit(asked, query, found):
    await record(asked, CROWNS)
    await asked.regroup()

    shown = await groups(asked, locale="en", **query)

    assert {question: times for question, times, _, _ in shown} == found


async def test_groups_of_few_visitors_are_hidden_and_counted(asked):
    await record(asked, CROWNS)
    await asked.regroup()

    page = await asked.book.groups(QuestionQuery(order="most"), visitors=2)
    nothing = await asked.book.groups(QuestionQuery(order="most"), visitors=9)

    assert ([one.asked for one in page.items], page.hidden) == ([3], 2)
    assert (nothing.items, nothing.hidden, nothing.grouped_at) == ((), 3, LATER)


@pytest.mark.parametrize("order", ["most", "newest"])
async def test_pages_of_groups_follow_each_other(asked, order):
    await record(asked, [turn(number, f"what about {number % 7}", session="s1") for number in range(20)])
    await asked.regroup()
    whole = await asked.book.groups(QuestionQuery(order=order), visitors=1)

    found, cursor = [], None
    while True:
        page = await asked.book.groups(QuestionQuery(order=order, limit=3, cursor=cursor), visitors=1)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            break

    assert tuple(found) == whole.items
    assert len(found) == 7


@pytest.mark.parametrize("group", ["", "no", "-1", "+1", "0x1f", "1_0", "f" * 17, "f" * 4000])
@pytest.mark.parametrize("order", ["most", "newest"])
async def test_a_cursor_that_names_no_group_is_refused(asked, order, group):
    await record(asked, [turn(1, "what about it", session="s1")])
    await asked.regroup()

    for cursor in ("no", Place(order, NOON, group, 1).cursor()):
        with pytest.raises(QueryInvalidError):
            await asked.book.groups(QuestionQuery(order=order, cursor=cursor), visitors=1)


async def test_a_state_belongs_to_the_questions_whatever_the_next_grouping_does(asked):
    await record(asked, CROWNS)
    await asked.regroup()
    await asked.mark(question_id("en", "how much is a crown"), "done", by="ada", note="new intent")

    done = await asked.book.groups(QuestionQuery(order="most", state="done"), visitors=1)
    still_open = await groups(asked, state="open")

    assert [(one.state, one.state_by, one.state_at, one.note) for one in done.items] == [
        ("done", "ada", LATER, "new intent")
    ]
    assert [question for question, *_ in still_open] == [PARKING, "Crown?"]

    one = OneEncoder()
    asked.encoder = lambda: one
    await asked.regroup()
    merged = await asked.group(question_id("en", "Where do I park?"))
    assert (merged.asked, merged.state) == (6, "done"), "half of what is asked"

    await record(asked, [turn(20 + number, f"Any crown, number {number}?") for number in range(3)])
    await asked.regroup()
    assert (await asked.group(merged.id)).state == "open", "new wordings outweigh it"


async def test_what_is_asked_after_a_state_is_counted(asked):
    await record(asked, CROWNS)
    await asked.regroup()
    crowns = question_id("en", "how much is a crown")
    marked = await asked.mark(crowns, "in_work", by="ada")
    await record(asked, [replace(turn(30, "How much is a crown?"), asked_at=LATER + timedelta(minutes=1))])

    assert marked.asked_since == 0
    assert (await asked.group(crowns)).asked_since == 1


async def test_the_last_author_has_the_say(asked):
    await record(asked, CROWNS)
    await asked.regroup()
    crowns = question_id("en", "how much is a crown")
    await asked.mark(crowns, "done", by="ada", note="first")
    await asked.mark(crowns, "will_not", by="ben")

    found = await asked.group(crowns)

    assert (found.state, found.state_by, found.note) == ("will_not", "ben", "")


async def test_an_unknown_question_has_no_group(asked):
    with pytest.raises(QuestionNotFoundError):
        await asked.group("0" * 16)
    with pytest.raises(QuestionNotFoundError):
        await asked.mark("0" * 16, "done", by="ada")
    assert await asked.members("0" * 16) == ()


async def test_only_new_words_are_encoded(asked):
    await record(asked, CROWNS[:2])
    await asked.regroup()
    await record(asked, CROWNS[2:4])
    await asked.regroup()

    assert asked.encoder().texts == ["how much is a crown", "a crown my name is name mail", "where do i park"]


async def test_known_words_count_before_the_next_grouping(asked):
    await record(asked, CROWNS[:2])
    await asked.regroup()
    await record(asked, [turn(9, "HOW MUCH IS A CROWN")])

    assert (await groups(asked))[0][1] == 3


async def test_an_erased_visit_leaves_nothing_that_only_it_asked(asked):
    await record(asked, CROWNS)
    await asked.regroup()
    only_his = question_id("en", CROWNS[2].question)
    await asked.mark(only_his, "done", by="ada")

    await asked.turns.erase("s3")
    await asked.regroup()

    assert await asked.book.group(only_his) is None
    assert (await asked.group(question_id("en", "how much is a crown"))).examples == ("How much is a crown?",)
    assert set(await asked.book.vectors("subjects")).isdisjoint({only_his})


async def test_a_page_groups_what_was_never_grouped(asked):
    await record(asked, CROWNS)

    page = await asked.groups(QuestionQuery(order="most"))

    assert len(page.items) == 3


async def test_a_mark_on_a_question_is_kept_with_its_maker(asked):
    await record(asked, CROWNS[:1])
    await asked.regroup()

    assert await asked.book.mark(question_id("en", "how much is a crown"), StateMark("done", "ada", NOON))
    assert not await asked.book.mark("f" * 16, StateMark("done", "ada", NOON))
