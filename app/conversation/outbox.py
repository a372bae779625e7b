"""What a session says and wants done, in order; and the frames that are kept for a return."""

from collections import deque
from collections.abc import Sequence

from pydantic import TypeAdapter

from app.conversation.actions import Action, Send
from app.conversation.protocol.rules import RESUME_S, RING_FRAMES
from app.conversation.protocol.server_messages import AnyServerMessage, ServerMessage
from app.conversation.session_store import Frames

_READER: TypeAdapter[list[ServerMessage]] = TypeAdapter(list[AnyServerMessage])

_Kept = tuple[float, int, str]
"""When a frame was sent, its number, and itself as it travels: text, because thousands of visitors keep two hundred
each, and objects would be looked through by every garbage collection."""


class Outbox:
    """Numbers messages, keeps the last of them, collects actions until they are taken."""

    def __init__(self) -> None:
        """Start empty: the first message gets number 1."""
        self.seq = 0
        self.now = 0.0
        self._kept: deque[_Kept] = deque(maxlen=RING_FRAMES)
        self._actions: list[Action] = []

    def send(self, message: ServerMessage) -> None:
        """Number a message, keep it, have it sent."""
        self.seq += 1
        numbered = message.model_copy(update={"seq": self.seq})
        self._kept.append((self.now, self.seq, numbered.frame))
        self._actions.append(Send(numbered))

    def send_unkept(self, message: ServerMessage) -> None:
        """Have a message sent that has its number and is never sent again."""
        self._actions.append(Send(message))

    def do(self, action: Action) -> None:
        """Have something done."""
        self._actions.append(action)

    def take(self) -> list[Action]:
        """Everything since the last time."""
        taken, self._actions = self._actions, []
        return taken

    @property
    def dealt_with(self) -> int:
        """Frames up to this number are not kept any more."""
        return self._kept[0][1] - 1 if self._kept else self.seq

    def forget(self, seq: int) -> None:
        """Frames up to `seq` are not needed any more."""
        while self._kept and self._kept[0][1] <= seq:
            self._kept.popleft()

    def since(self, seq: int) -> Sequence[ServerMessage] | None:
        """The frames after `seq`, or None when some of them are gone (or were never sent)."""
        while self._kept and self._kept[0][0] < self.now - RESUME_S:
            self._kept.popleft()
        missed = [frame for _, number, frame in self._kept if number > seq]
        return _READER.validate_json(_listed(missed)) if len(missed) == self.seq - seq else None

    def written(self, after: int) -> Frames | None:
        """The kept frames after a number, to be stored; None when there are none."""
        kept = [(number, frame) for _, number, frame in self._kept if number > after]
        return Frames(kept[0][0], kept[-1][0], _listed([frame for _, frame in kept])) if kept else None

    def restore(self, seq: int, stored: Sequence[Frames]) -> None:
        """Go on after frame `seq`, with the frames that were stored."""
        self.seq = seq
        for frames in stored:
            found = _READER.validate_json(frames.json)
            self._kept.extend((self.now, message.seq, message.frame) for message in found)

    def skip_to(self, seq: int) -> None:
        """The visitor has frames that were not stored any more: the next one comes after them."""
        if seq > self.seq:
            self.seq = seq
            self._kept.clear()


def _listed(frames: Sequence[str]) -> str:
    return f"[{','.join(frames)}]"
