"""Recorded questions: what visitors asked of late, each once with its count, to be asked again after an edit."""

from app.authoring.effect import AskedBefore
from app.learning.turn_log import TurnLog
from app.text import fold


async def recorded_questions(turns: TurnLog, *, newest: int) -> tuple[AskedBefore, ...]:
    """Return the questions of the newest turns, most asked first; choices of chips are no questions."""
    if not newest:
        return ()
    found: dict[tuple[str, str], AskedBefore] = {}
    for turn in await turns.newest(limit=newest):
        key = (turn.locale, fold(turn.question))
        if turn.receipt.get("stage") == "choice" or not key[1]:
            continue
        times = found[key].times if key in found else 0
        found[key] = AskedBefore(turn.question, turn.locale, times + 1)
    return tuple(sorted(found.values(), key=lambda one: (-one.times, one.question)))
