"""What a session says and wants done, in order; and the frames that are kept for a return."""

from collections import deque
from collections.abc import Sequence

from app.conversation.actions import Action, Send
from app.conversation.outgoing import ServerMessage
from app.conversation.protocol import RESUME_S, RING_FRAMES


class Outbox:
    """Numbers messages, keeps the last of them, collects actions until they are taken."""

    def __init__(self) -> None:
        """Start empty: the first message gets number 1."""
        self.seq = 0
        self.now = 0.0
        self._kept: deque[tuple[float, ServerMessage]] = deque(maxlen=RING_FRAMES)
        self._actions: list[Action] = []

    def send(self, message: ServerMessage) -> None:
        """Number a message, keep it, have it sent."""
        self.seq += 1
        numbered = message.model_copy(update={"seq": self.seq})
        self._kept.append((self.now, numbered))
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

    def forget(self, seq: int) -> None:
        """Frames up to `seq` are not needed any more."""
        while self._kept and self._kept[0][1].seq <= seq:
            self._kept.popleft()

    def since(self, seq: int) -> Sequence[ServerMessage] | None:
        """The frames after `seq`, or None when some of them are gone (or were never sent)."""
        while self._kept and self._kept[0][0] < self.now - RESUME_S:
            self._kept.popleft()
        missed = [message for _, message in self._kept if message.seq > seq]
        return missed if len(missed) == self.seq - seq else None
