"""Mixes: the promise over all mixes of questions, what it rests on at this site, and labels that it may rest on."""

import numpy as np

from app.adapters.sql.labels import SqlLabels
from app.adapters.sql.migrate import schema_of
from app.adapters.sql.turn_log import SqlTurnLog
from app.catalog.model import Catalog
from app.errors import GreenroomError, TurnNotFoundError
from app.learning.traffic import ScoredTurn, TurnLabel, scored
from app.matching.decision import Value
from app.matching.matcher import Matcher
from app.matching.mix.limits import MixPoint, mix_curve
from app.matching.mix.refit import MixReport, SiteTraffic, follow
from app.matching.mix.trials import Pair
from app.matching.ports import Encoder
from app.runtime.serving.config_audit import who
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.database import is_new, open_database, open_unchanged
from app.runtime.wiring.matcher_cache import mix_trials
from app.runtime.wiring.traffic import last_followed, read_likely_plays, read_traffic


class MixView(Value):
    """Curve over mixes, and the report on the site's own; both are made anew, the served limits may be older."""

    curve: tuple[MixPoint, ...]
    report: MixReport


async def site_mix(settings: Settings, catalog: Catalog, encoder: Encoder, matcher: Matcher) -> MixView | None:
    """Compute both; None for a catalog without phrases. Takes as long as a fit the first time."""
    trials = mix_trials(settings, catalog, encoder, matcher)
    if trials is None:
        return None
    traffic = await _traffic(settings, encoder=matcher.prepared.encoder)
    followed = follow(matcher.fitted, trials, traffic, catalog.matching)
    return MixView(curve=mix_curve(followed.fitted, trials, catalog.matching), report=followed.report)


async def _traffic(settings: Settings, *, encoder: str) -> SiteTraffic:
    """Read the site's traffic; none if it has no database of this schema yet."""
    if not is_new(settings):
        database = open_unchanged(settings)
        try:
            if (await schema_of(database)).is_ready:
                return await read_traffic(database, encoder=encoder, now=SystemClock().now())
        finally:
            await database.close()
    return SiteTraffic(Pair.of([]), np.zeros(0, dtype=np.bool_))


async def traffic_found(settings: Settings) -> str:
    """Return what the last refit said, in words.

    Raises:
        GreenroomError: it raised an alarm.
    """
    nothing = "the promise rests on the phrases; the limits were never moved to the traffic"
    if is_new(settings):
        return nothing
    database = open_unchanged(settings)
    try:
        last = await last_followed(database) if (await schema_of(database)).is_ready else {}
    finally:
        await database.close()
    if last.get("alarm"):
        raise GreenroomError(_sentence(str(last["alarm"])))
    return str(last["says"]) if last else nothing


async def traffic_told(settings: Settings) -> str:
    """Return what the last refit said, an alarm included."""
    try:
        return await traffic_found(settings)
    except GreenroomError as error:
        return str(error).rstrip(".")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


async def likely(settings: Settings, *, count: int) -> tuple[tuple[ScoredTurn, ...], int]:
    """Return plays to judge, drawn at random, and the number of those judged already."""
    async with open_database(settings) as database:
        return await read_likely_plays(database, count=count), len(await SqlLabels(database).all())


async def judge(settings: Settings, turn_id: str, *, right: bool) -> TurnLabel:
    """Store whether the first candidate of a turn is right.

    Raises:
        TurnNotFoundError: there is no such turn, or it was not decided by meaning.
    """
    async with open_database(settings) as database:
        record = await SqlTurnLog(database).get(turn_id)
        found = scored([record] if record else [])
        if not found:
            raise TurnNotFoundError(
                f"Expected a turn that was decided by meaning, got {turn_id!r}; take one that `greenroom label` lists."
            )
        one = found[0]
        label = TurnLabel(one.id, one.intent, right, one.first, one.second, one.encoder, SystemClock().now(), who())
        await SqlLabels(database).add(label)
        return label
