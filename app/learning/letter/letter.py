"""Letter of a period, and its collection from the questions of a site."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from app.learning.questions.groups import QuestionGroup, Totals
from app.learning.questions.masking import mask
from app.learning.questions.query import UNHELPED, QuestionQuery
from app.learning.questions.questions import Questions
from app.learning.turn_log import TurnRecord

SHOWN = 10
"""Items of each list."""

_LOOKED_AT = 100
"""Groups of the period that are looked at for new ones: those asked most."""


@dataclass(frozen=True, slots=True)
class Dislike:
    """Answer that a visitor rated down, with personal data masked."""

    turn: str
    question: str
    intent: str | None
    said: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class StaleClip:
    """Clip that does not say any more what the catalog says, and why."""

    intent: str
    locale: str
    why: str


@dataclass(frozen=True, slots=True)
class LetterMoney:
    """Money of the period: spent, and what the plays from the store would have cost as a live avatar."""

    spent: Decimal
    plays: int
    avoided_low: Decimal
    avoided_high: Decimal
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Letter:
    """Letter of a period; `before` are the totals of the period of the same length before it."""

    since: datetime
    until: datetime
    totals: Totals
    before: Totals
    new: tuple[QuestionGroup, ...]
    """Groups that nobody asked before, most asked first."""
    unanswered: tuple[QuestionGroup, ...]
    """Open groups that got nothing, or chips of which none was chosen."""
    disliked: tuple[Dislike, ...]
    stale: tuple[StaleClip, ...]
    money: LetterMoney


async def write_letter(
    questions: Questions, *, since: datetime, until: datetime, stale: Sequence[StaleClip], money: LetterMoney
) -> Letter:
    """Collect a letter; questions are grouped first if there is something new.

    Raises:
        EncoderUnavailableError: nothing is grouped yet, and the model cannot be loaded.
    """
    span: timedelta = until - since
    period = QuestionQuery(since=since, until=until, order="most")
    asked = await questions.groups(QuestionQuery(since=since, until=until, order="most", limit=_LOOKED_AT))
    new = [one for one in asked.items if (await questions.group(one.id)).first_at >= since]
    unanswered = await questions.groups(
        QuestionQuery(since=since, until=until, outcomes=UNHELPED, state="open", order="most", limit=SHOWN)
    )
    disliked = await questions.asked(QuestionQuery(since=since, until=until, rating="down", limit=SHOWN))
    return Letter(
        since=since,
        until=until,
        totals=await questions.book.totals(period),
        before=await questions.book.totals(QuestionQuery(since=since - span, until=since)),
        new=tuple(new[:SHOWN]),
        unanswered=unanswered.items,
        disliked=tuple(_dislike(turn) for turn in disliked.items),
        stale=tuple(stale),
        money=money,
    )


def _dislike(turn: TurnRecord) -> Dislike:
    comment = mask(turn.comment) if turn.comment else None
    return Dislike(turn.id, mask(turn.question), turn.intent, turn.said, comment)
