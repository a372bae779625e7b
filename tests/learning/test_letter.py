"""A week's letter: what is in it, and that it can be read by people and mail programs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.learning.letter.letter import LetterMoney, StaleClip, write_letter
from app.learning.letter.markdown import as_markdown
from app.learning.letter.page import as_html
from app.learning.memory_turn_log import MemoryTurnLog
from app.learning.questions.memory_book import MemoryQuestionBook
from app.learning.questions.questions import Questions
from app.learning.turn_log import TurnRecord

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
WEEK_AGO = NOW - timedelta(days=7)
MONEY = LetterMoney(Decimal("1.2"), 40, Decimal("0.40"), Decimal("1.33"))


def turn(number, question, *, days, **changes: Any):
    made = TurnRecord(
        id=f"t{number}",
        session=f"s{number}",
        asked_at=NOW - timedelta(days=days),
        question=question,
        locale="en",
        outcome="missed",
        intent=None,
        clip=None,
        receipt={},
        latency_ms=1.0,
    )
    return replace(made, **changes)


TURNS = (
    turn(1, "Where is the lift?", days=9),
    turn(2, "Where is the lift?", days=2),
    turn(3, "Any <b>crown</b> of *gold*?", days=1),
    turn(
        4, "When are you open?", days=1, outcome="answered", intent="hours", score="down", comment="ask bo@example.org"
    ),
    turn(5, "Does it float?", days=1, outcome="failed"),
)


@pytest.fixture
async def letter():
    log = MemoryTurnLog()
    for one in TURNS:
        await log.record(one)
    encoder = HashingEncoder()
    questions = Questions(book=MemoryQuestionBook(log), turns=log, encoder=lambda: encoder, now=lambda: NOW, visitors=1)
    stale = (StaleClip("hours", "en", "speech"),)
    return await write_letter(questions, since=WEEK_AGO, until=NOW, stale=stale, money=MONEY)


async def test_the_letter_tells_new_from_old_and_misses_from_failures(letter):
    totals = letter.totals

    assert (totals.asked, totals.helped, totals.unhelped, totals.failed, totals.visitors) == (3, 1, 2, 1, 4)
    assert (letter.before.asked, letter.before.unhelped) == (1, 1)
    assert {one.question for one in letter.new} == {"Any <b>crown</b> of *gold*?", "When are you open?"}
    assert {one.question for one in letter.unanswered} == {"Any <b>crown</b> of *gold*?", "Where is the lift?"}
    assert [(one.turn, one.comment) for one in letter.disliked] == [("t4", "ask [mail]")]


async def test_the_letter_as_markdown(letter):
    text = as_markdown(letter)

    assert text.startswith("# What visitors asked, 2026-11-23 to 2026-11-30\n\n## Asked and helped\n\n- 3 questions of")
    assert "- Any \\<b\\>crown\\</b\\> of \\*gold\\*? (en): 1 times by 1 visitors" in text
    assert "- 1.20 USD spent" in text
    assert "- hours (en): speech" in text


async def test_the_letter_as_a_page_runs_nothing(letter):
    page = as_html(letter)

    assert "Any &lt;b&gt;crown&lt;/b&gt; of *gold*?" in page
    assert "<b>" not in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


async def test_an_empty_week_says_so(letter):
    empty = replace(letter, totals=letter.before.__class__(0, {}), new=(), unanswered=(), disliked=(), stale=())

    text = as_markdown(empty)

    assert "Nothing was asked." in text
    assert "Nobody disliked an answer." in text
