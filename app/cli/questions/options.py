"""Options that the commands about questions share, and the times that people write."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, cast

import typer

from app.learning.questions.query import GroupState, QuestionOrder, QuestionOutcome

_AGO = re.compile(r"(\d{1,5})\s*([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: str) -> datetime:
    """Read a time: `7d` ago, a day, or a day with a time, in UTC unless it says otherwise.

    Raises:
        BadParameter: it is none of them.
    """
    if ago := _AGO.fullmatch(text.strip().lower()):
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter(f"expected `7d`, `12h`, or a day such as 2026-11-01, got {text!r}.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def results(given: list[str] | None) -> tuple[QuestionOutcome, ...]:
    """Return the results of an option; the query refuses those that it does not know."""
    return cast("tuple[QuestionOutcome, ...]", tuple(given or ()))


SinceOption = Annotated[
    datetime | None, typer.Option(parser=moment, metavar="TIME", help="Asked then or later: 7d, 12h, 2026-11-01.")
]
UntilOption = Annotated[datetime | None, typer.Option(parser=moment, metavar="TIME", help="Asked before then.")]
TopicOption = Annotated[str | None, typer.Option(help="Topic of the intent that was played, or was nearest.")]
IntentOption = Annotated[str | None, typer.Option(help="Intent that was played.")]
OutcomeOption = Annotated[
    list[str] | None,
    typer.Option(metavar="RESULT", help="What came of it, as missed or chips; repeat it for several."),
]
RatingOption = Annotated[Literal["up", "down"] | None, typer.Option(help="How the visitor rated the answer.")]
LocaleOption = Annotated[str | None, typer.Option(help="Locale of the question.")]
ReleaseOption = Annotated[str | None, typer.Option(help="Release that answered, by its name in receipts.")]
TextOption = Annotated[str | None, typer.Option(metavar="WORDS", help="Words that the question contains.")]
StateOption = Annotated[GroupState | None, typer.Option(help="State of the group.")]
OrderOption = Annotated[QuestionOrder, typer.Option(help="Most asked or newest first.")]
VisitorsOption = Annotated[
    int | None,
    typer.Option(min=1, max=1000, help="Visitors at least [GREENROOM_QUESTION_VISITORS, 2].", show_default=False),
]
LimitOption = Annotated[int, typer.Option(min=1, max=500, help="How many.")]
CursorOption = Annotated[str | None, typer.Option(help="Where the page begins, as the page before said.")]
