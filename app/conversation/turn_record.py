"""Record of a turn for the log: what was asked, what came of it, and what it was about."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.conversation.actions import RecordTurn
from app.conversation.page.context import redacted
from app.conversation.ports import Quotation
from app.conversation.refusals import NEAR
from app.conversation.script import Script
from app.conversation.turn import Turn
from app.learning.turn_log import AnswerSource, TurnOutcome, TurnRecord

_ANSWERS: frozenset[TurnOutcome] = frozenset(("answered", "generated"))


def record_of(turn: Turn, outcome: TurnOutcome, now: float, script: Script) -> RecordTurn:
    """Return the record of a turn that ends now; the script knows the topics."""
    nearest = None if turn.intent else _nearest(turn.receipt)
    about = script.intent(turn.intent or nearest)
    answers = outcome in _ANSWERS or turn.answered_by == "choice"
    said = turn.said or turn.words
    return RecordTurn(
        turn=turn.id,
        question=turn.question,
        locale=turn.locale,
        outcome=outcome,
        intent=turn.intent,
        clip=turn.clip,
        receipt={**turn.receipt, "repeats": turn.repeats} if turn.repeats else turn.receipt,
        chosen_for=turn.chosen_for,
        said=said if turn.may_log_page else redacted(said, turn.page),
        answered_by=turn.answered_by if answers else None,
        document=turn.document,
        offered=turn.offered,
        topic=about.topic if about else None,
        nearest=nearest,
        asked_s=turn.asked_s,
        latency_s=(now if turn.answered_s is None else turn.answered_s) - turn.asked_s,
    )


def logged(action: RecordTurn, *, session: str, asked_at: datetime, release: str) -> TurnRecord:
    """Return the turn as it is stored; `release` is used where no receipt names one, as for a chip."""
    return TurnRecord(
        id=action.turn,
        session=session,
        asked_at=asked_at,
        question=action.question,
        locale=action.locale,
        outcome=action.outcome,
        intent=action.intent,
        clip=action.clip,
        receipt=action.receipt,
        chosen_for=action.chosen_for,
        latency_ms=round(action.latency_s * 1000, 3),
        said=action.said,
        answered_by=action.answered_by,
        document=action.document,
        offered=action.offered,
        release=str(action.receipt.get("release") or release) or None,
        topic=action.topic,
        nearest=action.nearest,
    )


def source_of(piece: str) -> tuple[AnswerSource, str | None]:
    """Return what gave a piece of an answer, and the title of the document that it quotes."""
    return ("document", piece.document) if isinstance(piece, Quotation) else ("model", None)


def _nearest(receipt: Mapping[str, Any]) -> str | None:
    """Return the first candidate of a receipt if it is near enough to the question to be its chip."""
    candidates: Sequence[Mapping[str, Any]] = receipt.get("candidates") or ()
    first = candidates[0] if candidates else None
    return str(first["intent"]) if first and float(first["score"]) >= NEAR else None
