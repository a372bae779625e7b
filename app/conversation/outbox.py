"""Outbox of a session: its messages and other actions, in order, and the latest frames for a resume."""

from collections import deque
from collections.abc import Sequence

from pydantic import TypeAdapter

from app.conversation.actions import Action, Send
from app.conversation.protocol.rules import RESUME_S, RING_FRAMES
from app.conversation.protocol.server_messages import AnyServerMessage, ServerMessage
from app.conversation.session_store import Frames

_READER: TypeAdapter[list[ServerMessage]] = TypeAdapter(list[AnyServerMessage])

_HeldFrame = tuple[float, int, str]
"""Time, number and JSON of a sent frame. Text, because thousands of sessions hold two hundred frames each:
every garbage collection would visit objects."""


class Outbox:
    """Numbers messages, holds the latest ones, collects actions until they are taken."""

    def __init__(self) -> None:
        """Start empty: the first message gets number 1."""
        self.seq = 0
        self.now = 0.0
        self._held: deque[_HeldFrame] = deque(maxlen=RING_FRAMES)
        self._actions: list[Action] = []

    def send(self, message: ServerMessage) -> None:
        """Number a message, hold it for a resume, and send it."""
        self.seq += 1
        numbered = message.numbered(self.seq)
        self._held.append((self.now, self.seq, numbered.frame))
        self._actions.append(Send(numbered))

    def send_unkept(self, message: ServerMessage) -> None:
        """Send a message that has its number already and is not held for a resume."""
        self._actions.append(Send(message))

    def do(self, action: Action) -> None:
        """Add an action."""
        self._actions.append(action)

    def take(self) -> list[Action]:
        """Return the actions since the last call."""
        taken, self._actions = self._actions, []
        return taken

    @property
    def dealt_with(self) -> int:
        """Number up to which frames were dropped."""
        return self._held[0][1] - 1 if self._held else self.seq

    def forget(self, seq: int) -> None:
        """Drop frames up to `seq`."""
        while self._held and self._held[0][1] <= seq:
            self._held.popleft()

    def since(self, seq: int) -> Sequence[ServerMessage] | None:
        """Return the frames after `seq`; None if some of them are gone (or were never sent)."""
        while self._held and self._held[0][0] < self.now - RESUME_S:
            self._held.popleft()
        missed = [frame for _, number, frame in self._held if number > seq]
        return _READER.validate_json(_listed(missed)) if len(missed) == self.seq - seq else None

    def written(self, after: int) -> Frames | None:
        """Return the held frames after a number, to be stored; None if there are none."""
        held = [(number, frame) for _, number, frame in self._held if number > after]
        return Frames(held[0][0], held[-1][0], _listed([frame for _, frame in held])) if held else None

    def restore(self, seq: int, stored: Sequence[Frames]) -> None:
        """Continue after frame `seq`, with the stored frames."""
        self.seq = seq
        for frames in stored:
            found = _READER.validate_json(frames.json)
            self._held.extend((self.now, message.seq, message.frame) for message in found)

    def skip_to(self, seq: int) -> None:
        """Continue after `seq`: the visitor has frames that the node before did not store."""
        if seq > self.seq:
            self.seq = seq
            self._held.clear()


def _listed(frames: Sequence[str]) -> str:
    return f"[{','.join(frames)}]"
