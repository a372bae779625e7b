"""Answer switch: whether new answers are made for visitors, as the newest row of the audit log says."""

from dataclasses import dataclass
from datetime import datetime

from app.audit import Act, AuditLog

PAUSED, RESUMED = "answers.paused", "answers.resumed"
_SUBJECT = "new answers"


@dataclass(frozen=True, slots=True)
class Pause:
    """Pause of new answers: since when, by whom, why."""

    at: datetime
    actor: str
    note: str


@dataclass(frozen=True, slots=True)
class AnswerSwitch:
    """Switch for all nodes at once: each new answer asks it, and the row that turns it is its proof."""

    audit: AuditLog

    async def pause(self) -> Pause | None:
        """Return the pause that holds now."""
        rows = await self.audit.list(actions=(PAUSED, RESUMED), limit=1)
        if not rows or rows[0].act.action == RESUMED:
            return None
        act = rows[0].act
        return Pause(act.at, act.actor, str(act.details.get("note", "")))

    async def turn(self, *, on: bool, actor: str, at: datetime, note: str = "") -> bool:
        """Pause or resume; return whether that changed anything. Nothing is written if it does not."""
        if (await self.pause() is None) is on:
            return False
        details = {"note": note} if note else {}
        await self.audit.append(Act(at, actor, RESUMED if on else PAUSED, _SUBJECT, details))
        return True
