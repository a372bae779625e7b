"""Proposed phrases for an intent, each with what it adds to the share of questions that find the intent."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.author_errors import EditRefusedError
from app.authoring.effect import AskedBefore
from app.authoring.proposals.choice import Ground, Wordings, chosen, clear_of_others, found_shares
from app.authoring.proposals.pool import Pooled, ProposalSource, pool_of
from app.catalog.model import Intent
from app.matching.decision import Decision
from app.matching.matcher import Matcher
from app.matching.normalise import normalise
from app.matching.ports import Vectors
from app.runtime.commands.answers.editor import CatalogEditor
from app.text import fold

USUAL = 12
"""Phrases that are proposed unless the author asks for another number."""

_FEWEST_INTENTS = 2
"""Intents among which a phrase can be judged."""

Ask = Callable[[Intent, str], Awaitable[Sequence[str]]]
"""Intent and locale to phrases that a model proposes."""


@dataclass(frozen=True, slots=True)
class ProposedPhrase:
    """Phrase, its source, and what it adds to the share of the intent's questions that find it."""

    text: str
    source: ProposalSource
    adds: float


@dataclass(frozen=True, slots=True)
class Proposals:
    """Proposals for one intent, the most useful first; shares are of its questions in other words than its phrases."""

    intent: str
    locale: str
    items: tuple[ProposedPhrase, ...]
    found_before: float
    found_after: float
    wordings: int
    """Number of wordings on which the shares rest."""


async def propose_phrases(
    editor: CatalogEditor,
    intent: str,
    *,
    locale: str | None = None,
    recorded: Sequence[AskedBefore] = (),
    limit: int = USUAL,
    ask: Ask | None = None,
) -> Proposals:
    """Propose phrases: of visitors who got no answer or chose this one, by grammar and synonyms, and by `ask`.

    Raises:
        EditRefusedError: there is no such intent with phrases in this locale.
        CatalogError: the catalog has errors.
        EncoderUnavailableError: the model cannot be loaded.
    """
    spoken = locale or (await editor.ready()).default_locale
    found = editor.catalog.intent(intent)
    if found is None or not found.phrases.get(spoken):
        raise EditRefusedError(f"Expected an intent with phrases in `{spoken}`, got `{intent[:80]}`. Write one first.")
    modelled = tuple(await ask(found, spoken)) if ask else ()
    wanted = _Wanted(found, spoken, tuple(recorded), modelled, limit)
    return await asyncio.to_thread(_proposed, editor, wanted)


@dataclass(frozen=True, slots=True)
class _Wanted:
    intent: Intent
    locale: str
    recorded: tuple[AskedBefore, ...]
    modelled: tuple[str, ...]
    limit: int


def _proposed(editor: CatalogEditor, wanted: _Wanted) -> Proposals:
    matcher, intent, locale = editor.matcher, wanted.intent, wanted.locale
    asked = _asked_for(matcher, intent.id, [one for one in wanted.recorded if one.locale == locale])
    pool = _pool(editor, wanted, asked)
    if not pool or len(matcher.prepared.index.intents) < _FEWEST_INTENTS:
        return Proposals(intent.id, locale, (), 0.0, 0.0, 0)
    times = {normalise(one.question): float(one.times) for one in asked}
    weights = [times.get(one.text, 1.0) for one in pool]
    vectors = editor.encoder.encode([one.text for one in pool])
    ground = _ground(matcher, intent.id)
    rows = chosen(ground, vectors, wanted.limit, weights=weights)
    clear = clear_of_others(ground, vectors)
    rest = [at for at in range(len(pool)) if at not in rows and clear[at]]
    shares = found_shares(
        matcher.prepared,
        matcher.fitted,
        intent.id,
        _wordings(pool, vectors, weights, rest),
        _wordings(pool, vectors, weights, rows),
    )
    items = tuple(
        ProposedPhrase(pool[row].text, pool[row].source, round(shares[at + 1] - shares[at], 4))
        for at, row in enumerate(rows)
    )
    return Proposals(intent.id, locale, items, round(shares[0], 4), round(shares[-1], 4), len(rest))


def _asked_for(matcher: Matcher, intent: str, recorded: Sequence[AskedBefore]) -> list[AskedBefore]:
    """Return the recorded questions that nothing answers and for which this intent comes first, each once."""
    unique: dict[str, AskedBefore] = {}
    for one in recorded:
        known = unique.get(fold(one.question))
        unique[fold(one.question)] = AskedBefore(one.question, one.locale, one.times + (known.times if known else 0))
    open_ = list(unique.values())
    decisions = matcher.decide_many([one.question for one in open_])
    pairs = zip(open_, decisions, strict=True)
    return [one for one, decision in pairs if decision.outcome != "answer" and _first(decision) == intent]


def _first(decision: Decision) -> str | None:
    candidates = decision.receipt.candidates
    return candidates[0].intent if candidates else None


def _pool(editor: CatalogEditor, wanted: _Wanted, asked: Sequence[AskedBefore]) -> tuple[Pooled, ...]:
    """Return the pool, the model's phrases behind the rest, without what is a phrase of another intent."""
    said, default = [one.question for one in asked], editor.catalog.default_locale
    made = pool_of(wanted.intent, wanted.locale, visitors=said, default=default)
    models = [Pooled(normalise(text), "model") for text in wanted.modelled]
    lexicon = editor.matcher.prepared.lexicon
    unique = {one.text: one for one in reversed((*made, *models)) if one.text and not lexicon.has(one.text)}
    return tuple(reversed(unique.values()))


def _ground(matcher: Matcher, intent: str) -> Ground:
    index, barred = matcher.prepared.index, matcher.prepared.barred
    mine = index.owners == index.column(intent)
    theirs = np.array([one.intent == intent for one in barred.phrases], dtype=np.bool_)
    return Ground(index.vectors[mine], index.vectors[~mine], barred.vectors[theirs])


def _wordings(pool: Sequence[Pooled], vectors: Vectors, weights: Sequence[float], rows: Sequence[int]) -> Wordings:
    return Wordings(tuple(pool[at].text for at in rows), vectors[list(rows)], tuple(weights[at] for at in rows))
