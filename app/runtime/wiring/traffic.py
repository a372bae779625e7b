"""Traffic of a site, read from its database: scores of questions, labels, and the last refit to them."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from app.adapters.sql.audit import SqlAudit
from app.adapters.sql.engine import Database
from app.adapters.sql.labels import SqlLabels
from app.adapters.sql.turn_log import SqlTurnLog
from app.audit import SYSTEM, Act, AuditLog
from app.learning.traffic import MOST_QUESTIONS, ScoredTurn, TurnLabel, likely_plays, scored, visitors_labels
from app.learning.turn_log import TurnRecord
from app.matching.mix.labels import PlayLabel
from app.matching.mix.refit import MixReport, SiteTraffic, told
from app.matching.mix.trials import Pair

FOLLOWED = "matching.followed"
"""Audited action: the limits of matching follow the traffic, or do so no longer."""

_NOTABLE = 0.01
"""Least change of a threshold that is worth a row in the audit log."""


async def read_traffic(database: Database, *, encoder: str, now: datetime) -> SiteTraffic:
    """Read the newest questions with this encoder's scores, and all labels; they are gone through in a thread."""
    turns = await SqlTurnLog(database).newest(limit=MOST_QUESTIONS)
    labels = await SqlLabels(database).all()
    return await asyncio.to_thread(_traffic, turns, labels, encoder, now)


def _traffic(turns: Sequence[TurnRecord], judgements: Sequence[TurnLabel], encoder: str, now: datetime) -> SiteTraffic:
    asked = [one for one in scored(turns) if one.encoder == encoder]
    judged = [label for label in judgements if label.encoder == encoder]
    known = {label.turn for label in judged}
    visitors = visitors_labels([turn for turn in turns if turn.id not in known], now=now)
    labels = (*(PlayLabel(label.first, label.second, label.right) for label in judged), *visitors)
    pair = Pair.of([(one.first, one.second) for one in asked])
    stopped = Pair.of([(float(one.stopped), 0.0) for one in asked]).first > 0
    return SiteTraffic(pair, stopped, labels)


async def read_likely_plays(database: Database, *, count: int) -> tuple[ScoredTurn, ...]:
    """Return plays for an author to judge, at most so many."""
    turns = await SqlTurnLog(database).newest(limit=MOST_QUESTIONS)
    labelled = [label.turn for label in await SqlLabels(database).all()]
    return likely_plays(scored(turns), labelled)[:count]


async def record_followed(audit: AuditLog, release: str, report: MixReport, *, now: datetime) -> bool:
    """Add a row if the limits in use, or what they rest on, have changed; return whether they have."""
    details: dict[str, str | int] = {
        "rests_on": report.rests_on,
        "threshold": f"{report.threshold:.3f}",
        "threshold_of_phrases": f"{report.threshold_before:.3f}",
        "labels": report.labels,
        "says": "; ".join(told(report)),
        "alarm": report.alarm,
    }
    last = await audit.list(actions=(FOLLOWED,), limit=1)
    before = last[0].act.details if last and last[0].act.subject == release else {}
    if not before and report.rests_on == "phrases" and not report.alarm:
        return False
    if before and not _differs(before, details):
        return False
    await audit.append(Act(now, SYSTEM, FOLLOWED, release, details))
    return True


async def last_followed(database: Database) -> Mapping[str, str | int]:
    """Return the details of the last refit; empty if there was none."""
    rows = await SqlAudit(database).list(actions=(FOLLOWED,), limit=1)
    return rows[0].act.details if rows else {}


def _differs(before: Mapping[str, str | int], now: Mapping[str, str | int]) -> bool:
    moved = abs(float(before["threshold"]) - float(now["threshold"])) >= _NOTABLE
    return moved or before["rests_on"] != now["rests_on"] or bool(before["alarm"]) != bool(now["alarm"])
