"""Messages between the page around a client and the session: context, functions, forms, people."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, TypeAdapter, ValidationError

from app.catalog.card import FIELD_NAME
from app.conversation.protocol.parts import Id, Message, Name, trimmed

MOST_RESULT_CHARS = 500
MOST_HANDED_CHARS = 4000
MOST_HANDED_LINES = 60
MOST_VALUES = 20
MOST_VALUE_CHARS = 200

_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""Controls, and marks that turn the direction of what stands after them."""


def clean_value(text: str) -> str:
    """Return a text as a value of the page: one line, without what nobody sees, cut to the length of a value."""
    return _UNSEEN.sub(" ", text).strip()[:MOST_VALUE_CHARS].strip()


def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _UNSEEN.sub(" ", str(value)).strip() if isinstance(value, str | int | float) else value


ValueName = Annotated[str, StringConstraints(pattern=FIELD_NAME)]
Value = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | float | bool), Field(max_length=200)]
PageValues = Annotated[dict[ValueName, Value], Field(max_length=MOST_VALUES)]
"""Values of the page: a text, a number or a truth value each; they are told as text."""

_PAIR: TypeAdapter[tuple[str, str]] = TypeAdapter(tuple[ValueName, Value])


def _tellable(values: object) -> object:
    return (
        dict([pair for pair in values.items() if _is_tellable(pair)][:MOST_VALUES]) if isinstance(values, dict) else {}
    )


def _is_tellable(pair: tuple[object, object]) -> bool:
    try:
        _PAIR.validate_python(pair)
    except ValidationError:
        return False
    return True


FirstValues = Annotated[PageValues, BeforeValidator(_tellable)]
"""Values that go along with the first frame: a bad one is left out, as it is no reason for a visitor to be refused."""

Answer = Annotated[str, BeforeValidator(trimmed), StringConstraints(max_length=1000)]


class SessionContext(Message):
    """Values that the page tells of its visitor, in place of those before."""

    type: Literal["session.context"]
    id: Id
    values: PageValues


class CallResult(Message):
    """Result of a function of the page."""

    type: Literal["call.result"]
    id: Id
    call: Name
    outcome: Literal["done", "refused", "unknown", "late", "failed"]
    text: Annotated[str, BeforeValidator(trimmed), StringConstraints(max_length=MOST_RESULT_CHARS)] = ""


class InputForm(Message):
    """The answers to a form, sent when its visitor presses its button."""

    type: Literal["input.form"]
    id: Id
    turn: Name
    values: Annotated[dict[ValueName, Answer], Field(max_length=5)]


class HandedLine(Message):
    """A line of the transcript."""

    who: Literal["visitor", "avatar"]
    text: Annotated[str, BeforeValidator(trimmed), StringConstraints(max_length=MOST_HANDED_CHARS)]


class HandoverRequest(Message):
    """The visitor wants a person; with a transcript only if the visitor said yes to that."""

    type: Literal["handover.request"]
    id: Id
    turn: Name | None = None
    reach: Annotated[str, BeforeValidator(trimmed), StringConstraints(max_length=200)] = ""
    transcript: Annotated[tuple[HandedLine, ...], Field(max_length=MOST_HANDED_LINES)] = ()
