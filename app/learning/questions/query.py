"""Query of questions: filters, order and page; and the cursor that leads to the next page."""

import base64
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from app.author_errors import QueryInvalidError

QuestionOutcome = Literal[
    "answered", "document", "model", "chosen", "chips", "missed", "blocked", "failed", "cancelled", "choice", "reply"
]
"""What came of a question: an intent's answer; a document quoted; a model's words; chips of which one was chosen; chips
that were given up; nothing; moderation stopped it; this machine failed; the visitor went on before an answer.

`choice` is a click on a chip and `reply` words such as "thanks": neither is a question.
"""

OUTCOMES: tuple[QuestionOutcome, ...] = get_args(QuestionOutcome)

ASKED: tuple[QuestionOutcome, ...] = ("answered", "document", "model", "chosen", "chips", "missed", "blocked")
"""Outcomes of what a visitor asked and the machine handled; groups show these unless a query names others."""

UNHELPED: tuple[QuestionOutcome, ...] = ("missed", "chips")
"""Outcomes that left a visitor without an answer."""

GroupState = Literal["open", "in_work", "done", "will_not"]
STATES: tuple[GroupState, ...] = get_args(GroupState)

QuestionOrder = Literal["newest", "most"]

MOST_A_PAGE = 500


@dataclass(frozen=True, slots=True)
class QuestionQuery:
    """Filters of a list of questions, all of which must hold; what is not given is not filtered."""

    since: datetime | None = None
    """Asked at this time or later."""
    until: datetime | None = None
    """Asked before this time."""
    topic: str | None = None
    """Topic of the intent that was played, or else of the one nearest to the question."""
    intent: str | None = None
    """Intent that was played."""
    outcomes: tuple[QuestionOutcome, ...] = ()
    rating: Literal["up", "down"] | None = None
    locale: str | None = None
    release: str | None = None
    state: GroupState | None = None
    """State of the question's group."""
    text: str | None = None
    """Words that the question contains, whatever their case and spacing."""
    order: QuestionOrder = "newest"
    limit: int = 50
    cursor: str | None = None
    """Where the page begins: the `cursor` of the page before."""

    def __post_init__(self) -> None:
        """Refuse what no list can answer.

        Raises:
            QueryInvalidError: a value is out of range, or none of those known.
        """
        if not 1 <= self.limit <= MOST_A_PAGE:
            raise QueryInvalidError(f"Expected a limit from 1 to {MOST_A_PAGE}, got {self.limit}; ask for fewer.")
        for name, value in (("since", self.since), ("until", self.until)):
            if value is not None and value.tzinfo is None:
                raise QueryInvalidError(
                    f"Expected `{name}` with a time zone, got {value.isoformat()}; add `Z` for UTC."
                )
        for name, given, known in (
            ("outcome", self.outcomes, OUTCOMES),
            ("state", (self.state,) if self.state else (), STATES),
            ("order", (self.order,), get_args(QuestionOrder)),
            ("rating", (self.rating,) if self.rating else (), ("up", "down")),
        ):
            for one in given:
                if one not in known:
                    raise QueryInvalidError(f"Expected {name} to be {_either(known)}, got {one!r}; choose one of them.")


@dataclass(frozen=True, slots=True)
class Place:
    """Place in a list: the sorting values of the last item of a page."""

    order: QuestionOrder
    at: datetime
    id: str
    asked: int = 0

    def cursor(self) -> str:
        """Return the place as a text that programs pass on unread."""
        content = json.dumps([self.order, self.at.isoformat(), self.id, self.asked], separators=(",", ":"))
        return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


_GROUP = re.compile(r"[0-9a-f]{1,16}", re.IGNORECASE)
"""Id of a group: a number of 64 bits, in hexadecimal digits."""


def place_of(query: QuestionQuery, *, of: Literal["turn", "group"] = "turn") -> Place | None:
    """Return where a query's page of turns or of groups begins; None at the start of the list.

    Raises:
        QueryInvalidError: the cursor is not one of ours, or belongs to another order.
    """
    if query.cursor is None:
        return None
    try:
        padded = query.cursor + "=" * (-len(query.cursor) % 4)
        read: Any = json.loads(base64.urlsafe_b64decode(padded.encode()))
        order, at, last, asked = read
        place = Place(order, datetime.fromisoformat(at), str(last), int(asked))
        place.at.astimezone(UTC)  # the first and the last day of all may have none there
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise _no_cursor(query.cursor) from error
    if place.order != query.order or place.at.tzinfo is None or (of == "group" and not _GROUP.fullmatch(place.id)):
        raise _no_cursor(query.cursor)
    return place


def _no_cursor(cursor: str) -> QueryInvalidError:
    return QueryInvalidError(
        f"Expected the `cursor` of a page of the same list, got {cursor[:40]!r}; leave it out to begin anew."
    )


def _either(known: tuple[str, ...]) -> str:
    return f"{', '.join(known[:-1])} or {known[-1]}"
