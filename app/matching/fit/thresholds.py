"""Thresholds of a policy, fitted to the catalog's held-out phrases and to off-topic questions."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from app.catalog.model import Catalog, Matching
from app.matching.calibration import CAUTIOUS, Calibration, Targets, Top, fit_calibration, top_two
from app.matching.classifier import Trial, one_thread
from app.matching.decision import Thresholds
from app.matching.embedding_stage import EmbeddingStage
from app.matching.fit.chips import chips_threshold
from app.matching.fit.held_out import Group, held_out, held_questions
from app.matching.index import Scores
from app.matching.matcher import FittedCatalog
from app.matching.policy import Fitted
from app.matching.ports import Encoder
from app.matching.prepared_catalog import Prepared, prepare, taught
from app.matching.second_look import grey_zone, look_shares
from app.matching.spelling_features import features
from app.matching.wilson_interval import Share, wilson

FAR = 0.10
"""Assumed share of off-topic questions; the background stands for them."""

NEAR, NEAR_AT = 0.05, 50
"""Assumed share of near-topic questions that no intent answers, in a catalog of `NEAR_AT` intents. It falls
with the root of the number of intents: a larger catalog leaves less unanswered. Held-out intents stand for
these questions; they are harder than most real ones, because their siblings are near."""

ENOUGH_PHRASES = 5
"""Fewest examples of an intent for useful held-out trials; with fewer, the fit adds a note."""

FLOOR = 0.75
"""Lowest threshold of an answer, even if the promised false-hit rate would allow a lower one."""

FLOOR_ABROAD = 0.93
"""As `FLOOR`, for questions in a language that hardly any intent has phrases in: nothing tells how they score. From
there on half as many questions near the topic play a clip; most of the right ones that fall silent become chips."""

LIKELY_ABROAD = 0.4
"""As `LIKELY` of the chips, for questions in a language that the classifier has no examples in: they score lower."""

_ENOUGH_RIGHT = 10
_NEVER = 1.0


@dataclass(frozen=True, slots=True)
class Trials:
    """Held-out questions: the head's scores, 1 if its first choice was right, the share of traffic."""

    top: Top
    right: Targets
    weights: Targets


def fit(catalog: Catalog, encoder: Encoder) -> Fitted:
    """Encode the catalog and fit its policy; blocking, deterministic, whatever the order of the phrases.

    Raises:
        EncoderUnavailableError: the model cannot be loaded.
    """
    return fit_prepared(catalog, prepare(catalog, encoder))


def fit_prepared(catalog: Catalog, prepared: Prepared) -> Fitted:
    """Fit the policy of a catalog that is encoded already."""
    if prepared.material is None:
        return _unfitted(catalog, prepared, "the catalog has no phrases, so that no question reaches an intent")
    return fit_trial(catalog, prepared, held_out(prepared, prepared.material))


def ready_catalog(catalog: Catalog, prepared: Prepared, fitted: Fitted | None = None) -> FittedCatalog:
    """Return the catalog with its policy: `fitted` if it belongs to both, else a new fit (blocking)."""
    if fitted is None or (fitted.taught, fitted.encoder) != (taught(catalog), prepared.encoder):
        fitted = fit_prepared(catalog, prepared)
    return FittedCatalog(catalog, prepared, fitted)


def fit_trial(catalog: Catalog, prepared: Prepared, trial: Trial) -> Fitted:
    """Fit the policy to a trial of the catalog."""
    with one_thread():
        return _fitted(catalog, prepared, trial)


def _fitted(catalog: Catalog, prepared: Prepared, trial: Trial) -> Fitted:
    trials = judged(prepared, trial)
    enough = trials.right.sum() >= _ENOUGH_RIGHT
    calibration = fit_calibration(trials.top, trials.right, trials.weights) if enough else CAUTIOUS
    trials, chance = _guarded(prepared, trial, trials, calibration=calibration, margin=catalog.matching.margin or 0.0)
    answer, margin, looked = operating_point(trials, chance, catalog.matching)
    hit, wrong = (_expected(trials, plays) for plays in look_shares(chance, trials.right, answer=answer, low=looked))
    thresholds = Thresholds(
        answer=answer,
        margin=margin,
        clarify=chips_threshold(trial, calibration, most_needless=catalog.matching.max_needless_chips),
        source=_source(catalog, prepared, wrong),
        second_look=looked,
    )
    return Fitted(
        taught=taught(catalog),
        encoder=prepared.encoder,
        gate=calibration,
        thresholds=thresholds,
        hit_rate=hit,
        false_hit_rate=wrong,
        notes=_notes(prepared, answer=answer, enough=bool(enough)),
        abroad=limits_abroad(prepared, trial, Operated(trials, chance, calibration, thresholds), catalog.matching),
    )


@dataclass(frozen=True, slots=True)
class Operated:
    """Trials with each one's chance to play, and what was fitted to them."""

    trials: Trials
    chance: Scores
    calibration: Calibration
    thresholds: Thresholds


def limits_abroad(prepared: Prepared, trial: Trial, home: Operated, matching: Matching) -> dict[str, Thresholds]:
    """Return the thresholds of each language with a background of its own that the classifier has not seen.

    In scope and near the topic nothing tells how its questions score; so an answer needs at least as much as elsewhere.
    """
    limits, far = {}, len(trial.background_out)
    for language, heads, chance in _chances_abroad(prepared, home):
        kept, count = home.trials, len(chance)
        share = float(kept.weights[len(kept.weights) - far :].sum())
        trials = Trials(
            top=kept.top,
            right=np.concatenate([kept.right[: len(kept.right) - far], np.zeros(count)]),
            weights=np.concatenate([kept.weights[: len(kept.weights) - far], np.full(count, share / max(1, count))]),
        )
        joined = np.concatenate([home.chance[: len(home.chance) - far], chance])
        chips = home.thresholds.clarify
        if count:
            apart, most = replace(trial, background_out=heads), matching.max_needless_chips
            chips = chips_threshold(apart, home.calibration, most_needless=most, likely=LIKELY_ABROAD)
        answer = operating_point(trials, joined, matching)[0]
        if matching.threshold is None:
            answer = max(answer, home.thresholds.answer, FLOOR_ABROAD)
        source = f"{home.thresholds.source}; {count} background questions in `{language}`"
        limits[language] = home.thresholds.model_copy(update={"answer": answer, "clarify": chips, "source": source})
    return limits


def _chances_abroad(prepared: Prepared, home: Operated) -> Iterator[tuple[str, Scores, Scores]]:
    """Yield each language with its background's scores, and each question's probability to play a clip."""
    judge = EmbeddingStage(
        prepared=prepared,
        calibration=home.calibration,
        thresholds=anything(home.thresholds.margin),
        closed=frozenset(),
    )
    for language, found in sorted(prepared.abroad.items()):
        if prepared.head is None:
            return
        heads = prepared.head.scores(features(found.texts, found.vectors))
        top = top_two(heads)
        chance = home.calibration.probability(top.first, top.second)
        for row in np.flatnonzero(chance >= FLOOR).tolist():
            ruling = judge.judge(found.texts[row], found.vectors[row], locale=language).ruling
            chance[row] = ruling.probability if ruling.outcome == "answer" else 0.0
        yield language, heads, chance


def judged(prepared: Prepared, trial: Trial) -> Trials:
    """Judge every phrase without itself, every phrase without its intent, background and near misses."""
    own = top_two(trial.phrase_out)
    others = top_two(trial.intent_out) if trial.intent_out.shape[1] > 1 else _none_left(trial)
    near, far = _near_misses(prepared, trial), top_two(trial.background_out)
    outside = _joined(others, near)
    right = (own.column == trial.owners).astype(np.float64)
    counts = (len(own.first), len(outside.first), len(far.first))
    return Trials(
        top=_joined(own, outside, far),
        right=np.concatenate([right, np.zeros(counts[1] + counts[2])]),
        weights=_weights(counts, intents=len(prepared.index.intents)),
    )


def anything(margin: float) -> Thresholds:
    """Return thresholds under which only near misses, guards and the margin stop an answer."""
    return Thresholds(answer=0.0, margin=margin, clarify=1.0, source="to see what comes first")


def _guarded(
    prepared: Prepared, trial: Trial, trials: Trials, *, calibration: Calibration, margin: float
) -> tuple[Trials, Scores]:
    """Return each trial's probability to play its first choice; 0 if a guard stops it."""
    chance, right = calibration.probability(trials.top.first, trials.top.second), trials.right.copy()
    chance[trials.top.first - trials.top.second < margin] = 0.0
    own, far = len(trial.rows), len(trial.background_out)
    near = own if trial.intent_out.shape[1] > 1 else 0
    starts: dict[Group, tuple[int, int]] = {
        "phrase": (0, own),
        "near topic": (own, near),
        "off topic": (len(chance) - far, far),
    }
    wanted = {group: chance[at : at + count] >= FLOOR for group, (at, count) in starts.items()}
    judge = EmbeddingStage(prepared=prepared, calibration=calibration, thresholds=anything(margin), closed=frozenset())
    for held in held_questions(prepared, trial, wanted):
        at = starts[held.group][0] + held.row
        ruling = held.weighed(judge).ruling
        chance[at] = ruling.probability if ruling.outcome == "answer" else 0.0
        right[at] = float(held.group == "phrase" and ruling.intent == held.asked.intent)
    return replace(trials, right=right), chance


def _none_left(trial: Trial) -> Top:
    empty = np.zeros(0)
    return Top(np.zeros(0, dtype=trial.owners.dtype), empty, empty)


def _near_misses(prepared: Prepared, trial: Trial) -> Top:
    """Return the `not_phrases` whose own intent comes first and that no other `not_phrase` would stop."""
    barred, index = prepared.barred, prepared.index
    top = top_two(trial.barred_out) if barred.phrases else _none_left(trial)
    open_ = [
        row
        for row, phrase in enumerate(barred.phrases)
        if index.intents[top.column[row]] == phrase.intent and not _stopped(prepared, row)
    ]
    return Top(top.column[open_], top.first[open_], top.second[open_])


def _stopped(prepared: Prepared, row: int) -> bool:
    vector, intent = prepared.barred.vectors[row], prepared.barred.phrases[row].intent
    siblings = prepared.barred.cosines(vector)
    siblings[row] = -1.0
    nearest = prepared.index.nearest(prepared.index.cosines(vector), intent)
    other = prepared.barred.nearest(siblings, intent)
    return bool(other and other[0].cosine >= nearest[0].cosine)


def _joined(*tops: Top) -> Top:
    return Top(
        np.concatenate([top.column for top in tops]),
        np.concatenate([top.first for top in tops]),
        np.concatenate([top.second for top in tops]),
    )


def operating_point(trials: Trials, chance: Scores, matching: Matching) -> tuple[float, float, float | None]:
    """Return threshold, margin and lower edge of the grey zone: the lowest that keep the promise on the trials.

    The author's own thresholds take precedence. The edge is None if no second look is taken.
    """
    margin, own = matching.margin or 0.0, matching.threshold
    if matching.second_look:
        shares = trials.weights * trials.right, trials.weights * (1 - trials.right)
        zone = grey_zone(chance, *shares, promise=matching.max_false_hit_rate, floor=FLOOR, answer=own)
        return zone.answer, margin, zone.low
    if own is not None:
        return own, margin, None
    order = np.argsort(-chance, kind="stable")
    chances, weights, right = chance[order], trials.weights[order], trials.right[order]
    kept = np.flatnonzero(np.cumsum(weights * (1 - right)) <= matching.max_false_hit_rate)
    whole = [at for at in kept if chances[at] >= FLOOR and (at + 1 == len(chances) or chances[at + 1] < chances[at])]
    return (float(chances[whole[-1]]) if whole else _NEVER), margin, None


def _weights(counts: tuple[int, int, int], *, intents: int) -> Targets:
    """Return a weight per trial, so that each group (in scope, near, far) has its share of the traffic."""
    near = min(NEAR, NEAR * (NEAR_AT / max(1, intents)) ** 0.5)
    shares = (1 - near - FAR, near, FAR)
    return np.concatenate([np.full(n, share / max(1, n)) for n, share in zip(counts, shares, strict=True)])


def _expected(trials: Trials, plays: Scores) -> Share:
    share = float((trials.weights * plays).sum() / trials.weights.sum())
    effective = float(trials.weights.sum() ** 2 / (trials.weights**2).sum())
    return wilson(share * effective, effective)


def _source(catalog: Catalog, prepared: Prepared, wrong: Share) -> str:
    if catalog.matching.threshold is not None:
        return "catalog.yaml (`matching.threshold`)"
    return (
        f"fitted to the catalog: {len(prepared.index.phrases)} phrases of {len(prepared.index.intents)} intents held "
        f"out, {len(prepared.material.background) if prepared.material else 0} background questions; asked for at most "
        f"{catalog.matching.max_false_hit_rate:.1%} wrong of all questions, "
        f"expected {wrong.value:.1%} ({wrong.low:.1%} to {wrong.high:.1%})"
    )


def _notes(prepared: Prepared, *, answer: float, enough: bool) -> tuple[str, ...]:
    owners = prepared.index.owners
    few = [intent for at, intent in enumerate(prepared.index.intents) if (owners == at).sum() < ENOUGH_PHRASES]
    notes = []
    if few:
        notes.append(
            f"{len(few)} intent{' has' if len(few) == 1 else 's have'} fewer than {ENOUGH_PHRASES} phrases "
            f"(first: `{few[0]}`): too little to promise a "
            "false-hit rate; add phrases as visitors would say them"
        )
    if not enough:
        notes.append("too few phrases to calibrate: cautious shipped values are used until there are more")
    if answer >= _NEVER:
        notes.append("no threshold keeps the promise: only exact phrases are answered; add phrases or relax it")
    return tuple(notes)


def _unfitted(catalog: Catalog, prepared: Prepared, reason: str) -> Fitted:
    nothing = wilson(0, 0)
    thresholds = Thresholds(answer=_NEVER, margin=0.0, clarify=_NEVER, source=reason)
    return Fitted(
        taught=taught(catalog),
        encoder=prepared.encoder,
        gate=CAUTIOUS,
        thresholds=thresholds,
        hit_rate=nothing,
        false_hit_rate=nothing,
        notes=(reason,),
    )
