"""Prepared messages: those that are the same for every visitor but for turn and number, encoded once."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from app.conversation.protocol.server_messages import Mood, Numbered, ResponseDone, State, for_turn
from app.learning.turn_log import TurnOutcome

_MOST = 4096
"""Messages of one script: enough for every clip of a large catalog, a few megabytes at most."""

M = TypeVar("M", bound=Numbered)

_STATES: dict[Mood, State] = {}
_DONE: dict[TurnOutcome, ResponseDone] = {}


class PreparedMessages:
    """Prepared messages of one script, by what they are made of; a new script starts without any.

    Keys have the identities of clips, which are kept with the message: a clip that was found anew is another one.
    """

    def __init__(self) -> None:
        """Prepare nothing yet."""
        self._kept: dict[tuple[object, ...], tuple[Sequence[object], Numbered]] = {}

    def get(self, key: tuple[object, ...], make: Callable[[], M], *, made_of: Sequence[object] = ()) -> M:
        """Return the message under this key, made the first time; `made_of` is kept as long as the message is."""
        kept = self._kept.get(key)
        if kept is not None:
            return kept[1]  # type: ignore[return-value]  # the key names the kind of message
        if len(self._kept) >= _MOST:
            self._kept.clear()
        message = make()
        self._kept[key] = made_of, message
        return message


def state(mood: Mood) -> State:
    """Return the message with a state."""
    found = _STATES.get(mood)
    if found is None:
        found = _STATES[mood] = State(value=mood)
    return found


def done(turn: str, outcome: TurnOutcome) -> ResponseDone:
    """Return the message that ends a turn."""
    found = _DONE.get(outcome)
    if found is None:
        found = _DONE[outcome] = ResponseDone(turn="", outcome=outcome)
    return for_turn(found, turn)
