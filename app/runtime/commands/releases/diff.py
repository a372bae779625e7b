"""Comparison of a folder with what is served, or of two releases: words, facts, clips, money, recorded questions."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from app.adapters.catalog_files.archive import read_tree, tree_of
from app.adapters.catalog_files.strict_yaml import parse
from app.adapters.sql.migrate import schema_of
from app.authoring.releases.diff import (
    ClipAction,
    ClipBill,
    ClipChange,
    DiffReport,
    changed_documents,
    changed_facts,
    changed_intents,
    changed_settings,
)
from app.authoring.releases.merge import FileTree, changed_files
from app.authoring.releases.replay import Replay, ReplayQuestion, from_tests, from_turns, replayed
from app.catalog.facts import Facts, read_facts
from app.catalog.findings import FACTS_FILE
from app.catalog.model import Catalog
from app.catalog.releases import PublishedRelease
from app.learning.turn_log import TurnRecord
from app.matching.decision import Decision
from app.matching.matcher import Matcher
from app.matching.ports import Encoder
from app.matching.prepared_catalog import taught
from app.rendering.plan.clips import WantedClip, catalog_clips
from app.rendering.plan.planner import Plan, PlanAction, PlanItem
from app.rendering.plan.pricing import voice_totals
from app.runtime.commands.plan import plan_catalog
from app.runtime.commands.releases.publishing import Publishing
from app.runtime.settings.site import Settings
from app.runtime.wiring.current_catalog import draft_catalog, release_catalog
from app.runtime.wiring.database import is_new, open_unchanged
from app.runtime.wiring.matcher_cache import build_matcher
from app.runtime.wiring.site import Site, open_site
from app.runtime.wiring.store_and_encoder import encoder_for, open_catalog
from app.runtime.wiring.turn_log import open_turn_log

QUESTIONS = 500
"""Newest recorded turns whose questions are asked again, unless somebody says another number."""

_ACTIONS: dict[PlanAction, ClipAction] = {
    PlanAction.NEW: "new",
    PlanAction.STALE: "stale",
    PlanAction.REFUSED: "refused",
    PlanAction.UNCHANGED: "stored",
}

_FACT = re.compile(r"\{\{\s*facts\s*\.\s*([A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)?)")


@dataclass(frozen=True, slots=True)
class _Version:
    """One side of a comparison: its files and the catalog that they make; None before the first release."""

    files: FileTree
    catalog: Catalog | None
    number: int | None = None


async def diff(
    publishing: Publishing, folder: Path | None = None, *, against: int | None = None, questions: int = QUESTIONS
) -> DiffReport:
    """Compare a folder with a release, the current one unless another is named; nothing is written.

    `questions` newest recorded turns and `tests.yaml` are asked of both; 0 asks nothing and fits no matcher.

    Raises:
        CatalogError: the folder has errors.
        ReleaseNotFoundError: there is no such release.
    """
    place = folder or publishing.folder
    settings = publishing.settings.model_copy(update={"catalog": place, "serve": "folder"})
    catalog = await asyncio.to_thread(open_catalog, settings)
    after = _Version(await asyncio.to_thread(read_tree, place), catalog)
    before = await _against(publishing, against)
    async with open_site(settings, leaves_no_trace=True) as site:
        bill = _bill(site, before.catalog, catalog, await plan_catalog(site))
    replay = await _replay(settings, before.catalog, catalog, questions) if before.catalog and questions else None
    return _report(before, after, clips=bill, replay=replay)


async def diff_releases(publishing: Publishing, number: int, other: int | None = None) -> DiffReport:
    """Compare a release with an earlier one, the one before it unless another is named: words alone.

    Raises:
        ReleaseNotFoundError: there is no such release.
    """
    after = await _version(publishing, await publishing.releases.get(number))
    older = await publishing.releases.list(limit=1, before=number)
    base = await publishing.releases.get(other) if other is not None else older[0] if older else None
    return _report(await _version(publishing, base) if base else _Version({}, None), after)


async def diff_draft(publishing: Publishing, name: str) -> DiffReport:
    """Compare a draft with what is current: words alone.

    Raises:
        DraftNotFoundError: there is no such draft.
    """
    content = await publishing.drafts.content(name)
    catalog = await draft_catalog(publishing.settings, content)
    after = _Version(await asyncio.to_thread(tree_of, content.pack), catalog)
    return _report(await _against(publishing, None), after)


async def _against(publishing: Publishing, number: int | None) -> _Version:
    if number is not None:
        return await _version(publishing, await publishing.releases.get(number))
    current = await publishing.releases.current()
    return await _version(publishing, current.release) if current else _Version({}, None)


async def _version(publishing: Publishing, release: PublishedRelease) -> _Version:
    catalog = await release_catalog(publishing.settings, publishing.releases, release)
    files = await asyncio.to_thread(tree_of, await publishing.releases.pack(release.number))
    return _Version(files, catalog, release.number)


def _report(
    before: _Version, after: _Version, *, clips: ClipBill | None = None, replay: Replay | None = None
) -> DiffReport:
    return DiffReport(
        against=before.number,
        catalog=after.catalog.digest if after.catalog else "",
        files=changed_files(before.files, after.files),
        intents=changed_intents(before.catalog, after.catalog),
        facts=changed_facts(_facts(before), _facts(after), _said_by(after.files)),
        settings=changed_settings(before.catalog, after.catalog),
        documents=changed_documents(before.catalog, after.catalog),
        clips=clips,
        replay=replay,
    )


def _facts(version: _Version) -> Facts:
    document = parse(version.files.get(FACTS_FILE, b""))
    if version.catalog is None:
        return Facts()
    locales, default = version.catalog.locales, version.catalog.default_locale
    return read_facts(document.data, written=document.written, locales=locales, default_locale=default)[0]


def _said_by(files: FileTree) -> dict[str, tuple[str, ...]]:
    """Return the intents, by the names of their files, that use each fact."""
    found: dict[str, dict[str, None]] = {}
    for path, content in files.items():
        if path.endswith(".yaml") and path.count("/") == 1:
            for name in _FACT.findall(content.decode("utf-8", "replace")):
                found.setdefault("".join(name.split()), {})[Path(path).stem] = None
    return {name: tuple(intents) for name, intents in found.items()}


def _bill(site: Site, before: Catalog | None, after: Catalog, plan: Plan) -> ClipBill:
    """Return the clips that only one of the two needs, and what they cost."""
    served = set[str]()
    dropped: list[ClipChange] = []
    if before is not None:
        clips = catalog_clips(before, site.studio.providers(before.avatar))
        served = {key for clip in clips for key in clip.keys}
        wanted = catalog_clips(after, site.studio.providers(after.avatar))  # not its lines: nobody writes loops
        kept = {line.address for clip in wanted for line in clip.lines}
        dropped = [_dropped(clip) for clip in clips if kept.isdisjoint(line.address for line in clip.lines)]
    items = [item for item in plan.items if served.isdisjoint(item.wanted.keys)]
    filmed = [item for item in items if item.action in {PlanAction.NEW, PlanAction.STALE}]
    owed = [item for item in plan.todo if not served.isdisjoint(item.wanted.keys)]
    spoken = voice_totals((item.wanted for item in filmed if not item.wanted.parts), plan.tariffs, spoken=plan.spoken)
    films = sum((item.price for item in filmed), Decimal(0))
    return ClipBill(
        clips=(*(_clip(item) for item in items), *dropped),
        filmed=len(filmed),
        seconds=round(sum(item.seconds for item in filmed), 2),
        price=films + sum((voice.price for voice in spoken), Decimal(0)),
        currency=after.budget.currency,
        stored=sum(item.action is PlanAction.UNCHANGED for item in items),
        dropped=len(dropped),
        refused=sum(item.action is PlanAction.REFUSED for item in items),
        owed=len(owed),
    )


def _clip(item: PlanItem) -> ClipChange:
    line = item.wanted.lines[0]
    action = _ACTIONS[item.action]
    return ClipChange(line.intent, line.locale, line.variant, line.text, action, item.seconds, item.price)


def _dropped(clip: WantedClip) -> ClipChange:
    line = clip.lines[0]
    return ClipChange(line.intent, line.locale, line.variant, line.text, "dropped", 0.0, Decimal(0))


async def _replay(settings: Settings, before: Catalog, after: Catalog, questions: int) -> Replay:
    """Ask both catalogs; a question of `tests.yaml` is asked as the folder expects it."""
    asked = (*from_tests(after.questions), *from_turns(await _newest(settings, questions)))
    if not asked or _decide_alike(before, after):
        same = replayed((), (), ())
        tests = sum(one.source == "tests" for one in asked)
        return Replay(tests, len(asked) - tests, same.counts, ())
    return await asyncio.to_thread(_asked_of_both, settings, before, after, asked)


async def _newest(settings: Settings, limit: int) -> tuple[TurnRecord, ...]:
    """Return the newest turns; none if the site has no database of this schema yet."""
    if is_new(settings):
        return ()
    database = open_unchanged(settings)
    try:
        ready = (await schema_of(database)).is_ready
        return await open_turn_log(settings, database).newest(limit=limit) if ready else ()
    finally:
        await database.close()


def _decide_alike(before: Catalog, after: Catalog) -> bool:
    """Return whether two catalogs teach a matcher the same: then no question gets another decision."""
    locales = before.default_locale == after.default_locale and before.locales == after.locales
    days = [(intent.id, intent.valid) for intent in before.intents] == [(one.id, one.valid) for one in after.intents]
    return locales and days and before.matching == after.matching and taught(before) == taught(after)


def _asked_of_both(settings: Settings, before: Catalog, after: Catalog, asked: Sequence[ReplayQuestion]) -> Replay:
    encoder = encoder_for(settings, after)
    other = encoder if before.matching.encoder == after.matching.encoder else encoder_for(settings, before)
    old = _decisions(settings, before, other, asked)
    return replayed(asked, old, _decisions(settings, after, encoder, asked))


def _decisions(
    settings: Settings, catalog: Catalog, encoder: Encoder, asked: Sequence[ReplayQuestion]
) -> list[Decision]:
    matcher: Matcher = build_matcher(settings, catalog, encoder)
    decided: dict[int, Decision] = {}
    for locale in {one.locale for one in asked}:
        rows = [at for at, one in enumerate(asked) if one.locale == locale]
        decisions = matcher.decide_many([asked[at].ask for at in rows], locale=locale)
        decided.update(zip(rows, decisions, strict=True))
    return [decided[at] for at in range(len(asked))]
