"""How a session behaves: its patience and its bounds."""

from dataclasses import dataclass, field

from app.conversation.actions import Arm, Deadlines, Drop, Work
from app.conversation.outbox import Outbox
from app.conversation.protocol.server_messages import SessionEnding

REMEMBERED_IDS = 500
"""How many questions a resend is recognised for."""

KEPT_IDS = 50
"""How many of them another node still recognises."""


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """What all sessions of a server have in common."""

    deadlines: Deadlines = field(default_factory=Deadlines)
    heartbeat_s: float = 30.0
    """How often a client says something; dead after two and a half."""
    questions_burst: int = 200
    questions_per_s: float = 20.0
    max_films: int = 20
    """New clips one session may ask for: later answers come in words."""
    idle_s: float = 4 * 3600.0
    """A visitor who asks nothing for this long is let go."""
    notice_s: float = 30.0
    """Between saying so and the end."""
    detects_locale: bool = False
    """Whether a question in another of the catalog's languages is answered in that one."""


class IdleTimer:
    """Waits for the visitor to say something."""

    def __init__(self, outbox: Outbox, config: SessionConfig) -> None:
        """Wait from the first `renew` on."""
        self._out = outbox
        self._config = config
        self._noticed = False

    def renew(self) -> None:
        """Something was said."""
        self._noticed = False
        self._out.do(Arm("", Work.IDLE, self._config.idle_s))

    def is_over(self) -> bool:
        """Whether the time that ran out was the last; at the first time the visitor is told."""
        if self._noticed or self._config.notice_s <= 0:
            return True
        self._noticed = True
        self._out.send(SessionEnding(reason="idle", after_s=self._config.notice_s))
        self._out.do(Arm("", Work.IDLE, self._config.notice_s))
        return False

    def stop(self) -> None:
        """Nobody waits any more."""
        self._out.do(Drop("", Work.IDLE))
