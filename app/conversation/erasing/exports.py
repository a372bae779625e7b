"""Export of a session: what is stored of it, as a visitor may ask for."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.conversation.page.deliveries import Delivery
from app.digest import Digest
from app.learning.turn_log import TurnRecord


def session_document(
    session: str,
    turns: Sequence[TurnRecord],
    films: Sequence[Digest],
    *,
    deliveries: Sequence[Delivery],
    page: Mapping[str, str],
) -> dict[str, Any]:
    """Return what is stored of a session as JSON; scores and receipts of matching are the site's, not the visitor's.

    `films` are recipe keys of generated clips and their speech that this session asked for; `deliveries` wait for the
    site's webhook; `page` is what the page has told, and what its functions returned.
    """
    return {
        "session": session,
        "turns": [_turn(turn) for turn in turns],
        "films": list(films),
        "deliveries": [json.loads(one.body) for one in deliveries],
        "page": dict(page),
    }


def _turn(turn: TurnRecord) -> dict[str, Any]:
    told = {
        "id": turn.id,
        "asked_at": turn.asked_at.isoformat(),
        "question": turn.question,
        "locale": turn.locale,
        "outcome": turn.outcome,
        "answered_by": turn.answered_by,
        "intent": turn.intent,
        "said": turn.said,
        "document": turn.document,
        "chosen": turn.chosen,
        "score": turn.score,
        "comment": turn.comment,
        "stopped_after_s": turn.stopped_after_s,
    }
    return {name: value for name, value in told.items() if value not in {None, ""}}
