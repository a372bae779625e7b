"""Prepared messages: those that are the same for every visitor but for turn and number, encoded once."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from app.conversation.protocol.server_messages import Mood, Numbered, ResponseDone, State, for_turn
from app.learning.turn_log import TurnOutcome

_MOST_BYTES = 16 * 1024 * 1024
"""Bytes of the frames of one script: enough for every clip of a large catalog."""

M = TypeVar("M", bound=Numbered)

_STATES: dict[Mood, State] = {}
_DONE: dict[TurnOutcome, ResponseDone] = {}


class PreparedMessages:
    """Prepared messages of one script, by what they are made of; a new script starts without any.

    Keys have the identities of clips, which are kept with the message: a clip that was found anew is another one.
    Nothing with the words of one visitor belongs here: it would outlive the visitor, and no other would get it.
    """

    def __init__(self) -> None:
        """Prepare nothing yet."""
        self._kept: dict[tuple[object, ...], tuple[Sequence[object], Numbered]] = {}
        self._bytes = 0

    def get(self, key: tuple[object, ...], make: Callable[[], M], *, made_of: Sequence[object] = ()) -> M:
        """Return the message under this key, made the first time; `made_of` is kept as long as the message is."""
        kept = self._kept.get(key)
        if kept is not None:
            return kept[1]  # type: ignore[return-value]  # the key names the kind of message
        message = make()
        size = message.size
        if self._bytes + size > _MOST_BYTES:
            self._kept.clear()
            self._bytes = 0
        self._bytes += size
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
