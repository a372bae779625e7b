"""Requests of a page: its context, results of its functions, answers to forms, the wish for a person."""

import re
from collections.abc import Mapping, MutableMapping
from datetime import date
from functools import singledispatchmethod
from typing import TypeVar

from app.author_errors import FormInvalidError, RequestUnknownError
from app.catalog.card import FieldKind, FormField
from app.conversation.actions import Action, PostToSite
from app.conversation.outbox import Outbox
from app.conversation.page.context import fill_words
from app.conversation.protocol.client_messages import ClientMessage, InputChoice
from app.conversation.protocol.page_messages import (
    MOST_HANDED_CHARS,
    CallResult,
    HandoverRequest,
    InputForm,
    SessionContext,
    clean_value,
)
from app.conversation.protocol.server_messages import RequestAccepted, ResponseCall
from app.conversation.replies import refusal
from app.conversation.script import Script
from app.conversation.turn import StoredHistory, Turn, VisitorHistory
from app.errors import GreenroomError, StateUnavailableError

T = TypeVar("T")

KEPT_FORMS = 5
KEPT_CALLS = 5
KEPT_RESULTS = 20
KEPT_REQUESTS = 50
MOST_REQUESTS = 20
"""Forms and wishes for a person of one session."""


class PageRequests:
    """Handler of what the page sends; what it needs to know later is part of the visitor's history."""

    def __init__(self, outbox: Outbox, visit: VisitorHistory) -> None:
        self._out = outbox
        self._visit = visit
        self._under_way: set[str] = set()
        """Requests for the site that are not stored yet; on another node they are sent again."""

    @property
    def _memory(self) -> StoredHistory:
        return self._visit.memory

    def take(self, message: ClientMessage, script: Script, turn: Turn | None, locale: str) -> InputChoice | None:
        """Handle a message; return the choice of the intent that is to be answered next, if there is one.

        `turn` is the current one. A repeated message is accepted again and not carried out again.
        """
        if isinstance(message, SessionContext):
            self._memory.page = dict(message.values)
            return None
        if not isinstance(message, CallResult | InputForm | HandoverRequest):
            raise NotImplementedError(message)
        if message.id in self._under_way:
            return None
        if message.id in self._memory.shared.requests:
            self._accept(message.id)
            return None
        try:
            then = self._do(message, script, turn, locale)
        except GreenroomError as error:
            self._out.send(refusal(error, ref=message.id))
            return None
        if message.id not in self._under_way:
            self._accept(message.id)
        return InputChoice(type="input.choice", id=message.id, intent=then) if then else None

    def posted(self, ref: str, error: GreenroomError | None, now: float) -> list[Action]:
        """Handle the result of `PostToSite`: only what is stored was accepted, and all else may be sent again."""
        self._out.now = now
        self._under_way.discard(ref)
        if error is None:
            self._accept(ref)
        else:
            self._memory.shared.sent -= 1
            told = error if error.retryable else StateUnavailableError("It could not be stored; send it again.")
            self._out.send(refusal(told, ref=ref))
        return self._out.take()

    def shown(self, turn: Turn, script: Script) -> None:
        """Note what an answer that ends now has asked of the page: a form is on the screen, a function is called."""
        intent = script.intent(turn.intent or turn.excuse)
        card = intent.card_in(turn.locale) if intent else None
        shared = self._memory.shared
        if intent and card and card.form:
            shared.forms[turn.id] = intent.id, turn.locale
            _keep(shared.forms, KEPT_FORMS)
        if intent and intent.call and turn.outcome in {"answered", "generated"} and turn.intent == intent.id:
            call, asked = f"c_{turn.id}", intent.call
            shared.calls[call] = turn.id, intent.id
            _keep(shared.calls, KEPT_CALLS)
            self._out.send(
                ResponseCall(
                    turn=turn.id,
                    call=call,
                    function=asked.function,
                    arguments={name: fill_words(text, turn.page) for name, text in asked.arguments.items()},
                    ask=asked.ask.get(turn.locale) or asked.ask.get(script.catalog.default_locale, ""),
                    timeout_s=asked.timeout_s,
                )
            )

    def _accept(self, ref: str) -> None:
        requests = self._memory.shared.requests
        if ref not in requests:
            requests.append(ref)
            del requests[:-KEPT_REQUESTS]
        self._out.send(RequestAccepted(ref=ref))

    @singledispatchmethod
    def _do(self, message: ClientMessage, script: Script, turn: Turn | None, locale: str) -> str | None:
        raise NotImplementedError(message)

    @_do.register
    def _result(self, message: CallResult, script: Script, turn: Turn | None, _locale: str) -> str | None:
        made_by, intent_id = self._memory.shared.calls.pop(message.call, ("", ""))
        intent = script.intent(intent_id)
        if intent is None or intent.call is None:
            raise RequestUnknownError(f"No function was called as {message.call[:60]!r}, or it has its result already.")
        if message.outcome != "done":
            return None
        results = self._memory.results
        results.pop(intent.call.function, None)  # so that the newest is the last to go
        results[intent.call.function] = clean_value(message.text)
        _keep(results, KEPT_RESULTS)
        is_current = turn is not None and turn.id == made_by and turn.outcome is not None
        return intent.call.then if is_current and script.intent(intent.call.then) else None

    @_do.register
    def _form(self, message: InputForm, script: Script, _turn: Turn | None, _locale: str) -> None:
        intent_id, locale = self._memory.shared.forms.get(message.turn, ("", ""))
        intent = script.intent(intent_id)
        card = intent.card_in(locale) if intent else None
        if intent is None or card is None or not card.form:
            raise RequestUnknownError(f"No form was shown in the turn {message.turn[:60]!r}.")
        values = checked(card.form, message.values)
        told = {"turn": message.turn, "intent": intent.id, "locale": locale, "values": values}
        self._post(PostToSite("form.answered", message.id, told))

    @_do.register
    def _person(self, message: HandoverRequest, _script: Script, _turn: Turn | None, locale: str) -> None:
        if sum(len(line.text) for line in message.transcript) > MOST_HANDED_CHARS:
            raise FormInvalidError(f"Expected a transcript of at most {MOST_HANDED_CHARS} characters; send its end.")
        told: dict[str, object] = {"turn": message.turn, "locale": locale, "reach": message.reach}
        if message.transcript:
            told["transcript"] = [line.model_dump() for line in message.transcript]
        self._post(PostToSite("handover.requested", message.id, told))

    def _post(self, letter: PostToSite) -> None:
        if self._memory.shared.sent >= MOST_REQUESTS:
            raise FormInvalidError("Too many forms from one conversation; begin a new one.")
        self._memory.shared.sent += 1
        self._under_way.add(letter.ref)
        self._out.do(letter)


def checked(form: tuple[FormField, ...], values: Mapping[str, str]) -> dict[str, str]:
    """Return the answers to a form's own fields, in its order.

    Raises:
        FormInvalidError: a field is missing, or its answer is none of its kind; `details` name the fields.
    """
    answers = {field.name: values.get(field.name, "").strip() for field in form}
    wrong = [field.name for field in form if not _fits(field, answers[field.name])]
    if wrong:
        named = ", ".join(f"`{name}`" for name in wrong)
        raise FormInvalidError(f"Expected another answer in {named}.", fields=tuple(wrong))
    return answers


_FORMS: Mapping[FieldKind, re.Pattern[str]] = {
    "email": re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+"),
    "tel": re.compile(r"\+?[\d ()/.-]{3,30}"),
    "number": re.compile(r"[+-]?\d{1,15}([.,]\d{1,6})?"),
}


def _fits(field: FormField, answer: str) -> bool:
    if not answer or (field.kind == "yes" and answer == "no"):
        return not field.required
    match field.kind:
        case "choice":
            return answer in field.options
        case "yes":
            return answer == "yes"
        case "date":
            return _is_date(answer)
        case kind:
            return kind not in _FORMS or _FORMS[kind].fullmatch(answer) is not None


def _is_date(answer: str) -> bool:
    try:
        date.fromisoformat(answer)
    except ValueError:
        return False
    return True


def _keep(found: MutableMapping[str, T], most: int) -> None:
    for key in list(found)[:-most]:
        del found[key]
