"""Replies of the ladder: messages for clips and errors, the chips of an outcome, the intent of an apology."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from app.author_errors import FormInvalidError
from app.catalog.model import Intent
from app.conversation.ports import PlayableClip
from app.conversation.protocol.parts import CaptionPart, ClipPart, FacePart, RenditionPart, SpokenClipPart
from app.conversation.protocol.server_messages import (
    ClipPrefetch,
    ClipRole,
    ErrorMessage,
    ResponseChoices,
    ResponseClip,
    ResponseTextDone,
    Source,
    for_turn,
)
from app.conversation.script import Script, card_of
from app.conversation.turn import Turn
from app.errors import GreenroomError, IntentNotFoundError, MatchingError, RateLimitedError
from app.learning.turn_log import TurnOutcome
from app.matching.decision import Rejoinder

_ACKNOWLEDGEMENTS: dict[str, dict[Rejoinder, str]] = {
    "en": {
        "ok": "Good. Is there anything else you would like to know?",
        "thanks": "You're welcome. Is there anything else you would like to know?",
        "yes": "Good. What would you like to know?",
        "no": "All right. Tell me in other words what you would like to know, or pick a topic.",
    },
    "de": {
        "ok": "Gut. Möchten Sie noch etwas wissen?",
        "thanks": "Gern geschehen. Möchten Sie noch etwas wissen?",
        "yes": "Gut. Was möchten Sie wissen?",
        "no": "In Ordnung. Sagen Sie mir mit anderen Worten, was Sie wissen möchten, oder wählen Sie ein Thema.",
    },
    "es": {
        "ok": "Bien. ¿Quieres saber algo más?",
        "thanks": "No hay de qué. ¿Quieres saber algo más?",
        "yes": "Bien. ¿Qué quieres saber?",
        "no": "De acuerdo. Dime con otras palabras qué quieres saber, o elige un tema.",
    },
    "fr": {
        "ok": "Bien. Souhaitez-vous savoir autre chose ?",
        "thanks": "Je vous en prie. Souhaitez-vous savoir autre chose ?",
        "yes": "Bien. Que souhaitez-vous savoir ?",
        "no": "D'accord. Dites-moi avec d'autres mots ce que vous souhaitez savoir, ou choisissez un sujet.",
    },
    "it": {
        "ok": "Bene. Desidera sapere altro?",
        "thanks": "Prego. Desidera sapere altro?",
        "yes": "Bene. Che cosa desidera sapere?",
        "no": "Va bene. Mi dica con altre parole che cosa desidera sapere, o scelga un argomento.",
    },
}
"""Words of the conversation's own for replies that are no question. An intent with such a phrase ("ok", "thank
you", "yes", "no") replaces them."""


def clip_part(clip: PlayableClip) -> ClipPart:
    """Return the clip as a part of a message."""
    return ClipPart(**_fields(clip))


def spoken_part(clip: PlayableClip) -> SpokenClipPart:
    """Return the clip and its words as a part of a message."""
    return SpokenClipPart(**_fields(clip), text=clip.text)


def _fields(clip: PlayableClip) -> dict[str, Any]:
    return {
        "url": clip.url,
        "media_type": clip.media_type,
        "duration_s": clip.duration_s,
        "poster": clip.poster,
        "digest": clip.digest,
        "face": FacePart(**clip.face.document()) if clip.face else None,
        "captions": tuple(CaptionPart(start_s=c.start_s, end_s=c.end_s, text=c.text) for c in clip.captions),
        "size_bytes": clip.size_bytes or None,
        "alternatives": tuple(RenditionPart(**asdict(other)) for other in clip.alternatives) or None,
    }


def response(script: Script, turn: Turn, clip: PlayableClip, *, role: ClipRole, source: Source) -> ResponseClip:
    """Return the message that plays a clip for a turn.

    One that has a visitor's words or page in it is made anew and kept nowhere.
    """
    intent = script.intent(turn.intent or (turn.excuse if role is ClipRole.HANDOVER else None))
    intent = intent if role is not ClipRole.HOLDING else None
    if turn.page or source == "generated":  # a card may have the page's values, words are for this visitor
        return _response(turn, clip, intent, role=role, source=source)
    key = ("clip", id(clip), intent.id if intent else None, role, source, turn.locale)
    made = script.prepared.get(key, lambda: _response(turn, clip, intent, role=role, source=source), made_of=(clip,))
    return for_turn(made, turn.id)


def _response(turn: Turn, clip: PlayableClip, intent: Intent | None, *, role: ClipRole, source: Source) -> ResponseClip:
    return ResponseClip(
        turn=turn.id,
        role=role,
        source=source,
        intent=intent.id if intent else None,
        text=clip.text,
        clip=clip_part(clip),
        interruptible=intent.interruptible if intent else True,
        card=card_of(intent, turn.locale, turn.page),
    )


def chips_told(script: Script, turn: Turn, offered: tuple[str, ...], locale: str) -> ResponseChoices:
    """Return the message that offers these intents as chips."""
    key = ("chips", offered, locale)
    made = script.prepared.get(key, lambda: ResponseChoices(turn="", choices=script.choices(offered, locale)))
    return for_turn(made, turn.id)


def prefetch_told(script: Script, clips: Sequence[PlayableClip]) -> ClipPrefetch:
    """Return the message with the clips that are likely next."""
    key = ("prefetch", *map(id, clips))
    return script.prepared.get(
        key, lambda: ClipPrefetch(clips=tuple(clip_part(clip) for clip in clips)), made_of=tuple(clips)
    )


def in_words(script: Script, turn: Turn, text: str, role: ClipRole | None = None) -> ResponseTextDone:
    """Return the message that gives an answer in words, beside the card of its intent."""
    card = card_of(script.intent(turn.intent), turn.locale, turn.page)
    return ResponseTextDone(turn=turn.id, text=text, role=role, card=card)


def offers(script: Script, turn: Turn, outcome: TurnOutcome) -> tuple[str, ...]:
    """Return the intents that are offered as chips at the end of a turn that got an answer, or chips to choose from."""
    match outcome:
        case "clarify":
            return turn.choices
        case "answered":
            intent = script.intent(turn.intent)
            return tuple(chip.intent for chip in script.choices(intent.next, turn.locale)) if intent else turn.choices
        case _:
            return ()


def refusal(error: GreenroomError, *, ref: str | None) -> ErrorMessage:
    """Return the message for an error."""
    wait_s = error.retry_after_s if isinstance(error, RateLimitedError) else None
    fields = error.fields if isinstance(error, FormInvalidError) else None
    return ErrorMessage(
        code=error.code,
        message=str(error),
        retryable=error.retryable,
        retry_after_s=wait_s,
        ref=ref,
        fields=fields or None,
    )


def trouble(turn: Turn, error: GreenroomError | None) -> ErrorMessage:
    """Return the message for a question that was not decided; no error means that it took too long."""
    code = error.code if error else MatchingError.code
    text = str(error) if error else "The question could not be decided in time; ask again."
    return ErrorMessage(code=code, message=text, retryable=error.retryable if error else True, ref=turn.ref)


def gone() -> IntentNotFoundError:
    """Return the error for a chip of a release that is not served any more."""
    return IntentNotFoundError("That is not among the answers any more; please ask in your own words.")


def acknowledgement(reply: Rejoinder, locale: str) -> str:
    """Return the words for a reply, in English for a language that has none."""
    words = _ACKNOWLEDGEMENTS.get(locale.split("-", maxsplit=1)[0], _ACKNOWLEDGEMENTS["en"])
    return words.get(reply, words["ok"])
