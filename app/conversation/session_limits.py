"""Limits of a session: deadlines, rates, the idle timer."""

from dataclasses import dataclass, field

from app.conversation.actions import Arm, Deadlines, Drop, Work
from app.conversation.outbox import Outbox
from app.conversation.protocol.server_messages import SessionEnding

REMEMBERED_IDS = 500
"""Number of latest questions for which a resend is recognised."""

KEPT_IDS = 50
"""Number of them that another node still recognises."""


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """Configuration of all sessions of a server."""

    deadlines: Deadlines = field(default_factory=Deadlines)
    heartbeat_s: float = 30.0
    """Longest time between two messages of a client; its connection is closed after two and a half times
    that."""
    questions_burst: int = 200
    questions_per_s: float = 20.0
    max_films: int = 20
    """New clips that one session may request; later answers come in words."""
    max_looks: int = 20
    """Second looks that one session may cause; later questions are decided without them."""
    idle_s: float = 4 * 3600.0
    """A session ends after this long without a question."""
    notice_s: float = 30.0
    """Time between the notice and that end."""
    speech_s: float = 0.0
    """Longest spoken question that this server hears; 0: it hears none."""
    logs_context: bool = False
    """The turn log may have what the page tells of its visitor."""
    detects_locale: bool = False
    """Answer a question in the catalog's locale that it is written in."""


class IdleTimer:
    """Timer that ends the session of a visitor who asks nothing."""

    def __init__(self, outbox: Outbox, config: SessionConfig) -> None:
        """The first `renew` starts the timer."""
        self._out = outbox
        self._config = config
        self._noticed = False

    def renew(self) -> None:
        """Start the timer anew: the visitor sent a message."""
        self._noticed = False
        self._out.do(Arm("", Work.IDLE, self._config.idle_s))

    def is_over(self) -> bool:
        """Return whether the session ends now; the first time, notify the visitor and wait once more."""
        if self._noticed or self._config.notice_s <= 0:
            return True
        self._noticed = True
        self._out.send(SessionEnding(reason="idle", after_s=self._config.notice_s))
        self._out.do(Arm("", Work.IDLE, self._config.notice_s))
        return False

    def stop(self) -> None:
        """Stop the timer."""
        self._out.do(Drop("", Work.IDLE))
