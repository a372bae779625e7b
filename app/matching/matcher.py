"""Matcher: a visitor's question in, a decision with its receipt out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from app.catalog.model import Catalog
from app.matching.batching import QuestionBatcher
from app.matching.decision import Candidate, Decision, LookNote, Outcome, Receipt, Stage, Verdict
from app.matching.embedding_stage import EmbeddingResult, EmbeddingStage
from app.matching.guards.topic import leans_back
from app.matching.lexical import LexicalHit
from app.matching.normalise import normalise
from app.matching.policy import Fitted
from app.matching.ports import Encoder, SecondLook
from app.matching.prepared_catalog import Prepared, askable
from app.matching.reading.machine_talk import machine_talk
from app.matching.second_look import SecondLookStage

_LEANS = Verdict(
    guard="follow-up",
    passed=False,
    reason="leans on an earlier question and says too little by itself",
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Question under decision: its start time, its normalised text, its locale."""

    started: float
    text: str
    locale: str


@dataclass(frozen=True, slots=True)
class StageResult:
    """Result of one stage."""

    stage: Stage
    outcome: Outcome = "miss"
    intent: str | None = None
    choices: tuple[str, ...] = ()
    probability: float = 0.0
    margin: float | None = None
    guards: tuple[Verdict, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    second_look: LookNote | None = None


@dataclass(frozen=True, slots=True)
class FittedCatalog:
    """Catalog, its prepared form and its policy."""

    catalog: Catalog
    prepared: Prepared
    fitted: Fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """Decides questions against one release; immutable: a new release gets a new matcher."""

    prepared: Prepared
    fitted: Fitted
    encoder: Encoder = field(repr=False)
    release: str
    default_locale: str
    now: Callable[[], float] = field(repr=False)
    """Monotonic seconds, for the receipt's milliseconds."""
    closed: Callable[[], frozenset[str]] = field(repr=False)
    """The ids of the intents that may not be answered today."""
    _batcher: QuestionBatcher = field(repr=False)
    second_look: SecondLookStage | None = field(default=None, repr=False)
    """Stage that asks a model about the grey zone; `decide` alone takes it."""

    @classmethod
    def of(
        cls,
        ready: FittedCatalog,
        encoder: Encoder,
        *,
        release: str,
        now: Callable[[], float],
        today: Callable[[], date],
        second_look: SecondLook | None = None,
    ) -> Self:
        """Return a matcher of an encoded and fitted catalog; `encoder` is for the questions."""
        bounded = [intent for intent in askable(ready.catalog) if intent.valid]
        return cls(
            prepared=ready.prepared,
            fitted=ready.fitted,
            encoder=encoder,
            _batcher=QuestionBatcher(encoder),
            release=release,
            default_locale=ready.catalog.default_locale,
            now=now,
            closed=lambda: frozenset(intent.id for intent in bounded if not intent.open_on(today())),
            second_look=SecondLookStage.of(second_look, ready.catalog, now=now) if second_look else None,
        )

    async def decide(self, text: str, *, locale: str | None = None, previous: str | None = None) -> Decision:
        """Decide one question; `previous` is the question before it in the same session.

        Exact and near-exact phrases never need the encoder; it runs in a thread, in batches.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        asked = self._asked(text, locale)
        if settled := self._settle(asked):
            return self._decision(asked, settled)
        before = normalise(previous or "")
        both = normalise(f"{before} {asked.text}")
        if leans_back(asked.text):
            return self._decision(
                asked, await self._meant(asked, both) if before else StageResult("embedding", guards=(_LEANS,))
            )
        found = await self._meant(asked, asked.text)
        if before and any(one.guard == _LEANS.guard and not one.passed for one in found.guards):
            found = await self._meant(asked, both)
        return self._decision(asked, found)

    async def _meant(self, asked: _Asked, text: str) -> StageResult:
        vector = await self._batcher.encode(text)
        judge = self._judge()
        found = judge.judge(text, vector, locale=asked.locale)
        if self.second_look:
            found = await self.second_look.over(judge, found, question=text, vector=vector, locale=asked.locale)
        return _found(found)

    def decide_many(self, texts: Sequence[str], *, locale: str | None = None) -> tuple[Decision, ...]:
        """Decide questions without a session, encoded as one batch; blocking. The order is that of `texts`.

        No second look is taken: nothing here costs money.
        Each receipt's milliseconds are those of the whole batch up to its decision.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        asked = [self._asked(text, locale) for text in texts]
        settled = [self._settle(one) or self._leaning(one) for one in asked]
        open_ = [one for one, finding in zip(asked, settled, strict=True) if finding is None]
        vectors = iter(self.encoder.encode([one.text for one in open_]) if open_ else ())
        judge = self._judge()
        return tuple(
            self._decision(one, found or _found(judge.judge(one.text, next(vectors), locale=one.locale)))
            for one, found in zip(asked, settled, strict=True)
        )

    def _asked(self, text: str, locale: str | None) -> _Asked:
        return _Asked(self.now(), normalise(text), locale or self.default_locale)

    def _judge(self) -> EmbeddingStage:
        fitted = self.fitted
        return EmbeddingStage(
            prepared=self.prepared, calibration=fitted.gate, thresholds=fitted.thresholds, closed=self.closed()
        )

    def _leaning(self, asked: _Asked) -> StageResult | None:
        return StageResult("embedding", guards=(_LEANS,)) if leans_back(asked.text) else None

    def _settle(self, asked: _Asked) -> StageResult | None:
        """Return the result of the lexical stage, or a miss for an order to the machine; None: it needs the encoder."""
        if not asked.text:
            return StageResult("empty")
        out = self.closed() | self.prepared.forbidden.get(asked.text, frozenset())
        hit = self.prepared.lexicon.find(asked.text, locale=asked.locale, closed=out)
        if hit:
            return _phrase_hit(hit)
        order = machine_talk(asked.text)
        return StageResult("embedding", guards=(order,)) if order else None

    def _decision(self, asked: _Asked, found: StageResult) -> Decision:
        first = found.candidates[0] if found.candidates else None
        receipt = Receipt(
            stage=found.stage,
            intent=found.intent or (first.intent if first else None),
            score=first.score if first else 0.0,
            probability=found.probability,
            runner_up=found.candidates[1].intent if len(found.candidates) > 1 else None,
            margin=found.margin,
            thresholds=self.fitted.thresholds,
            guards=found.guards,
            candidates=found.candidates,
            second_look=found.second_look,
            normalised=asked.text,
            locale=asked.locale,
            release=self.release,
            encoder=self.prepared.encoder,
            latency_ms=(self.now() - asked.started) * 1000,
        )
        return Decision(outcome=found.outcome, intent=found.intent, choices=found.choices, receipt=receipt)


def _phrase_hit(hit: LexicalHit) -> StageResult:
    candidates = tuple(Candidate(intent=p.intent, score=hit.similarity, phrase=p.original) for p in hit.phrases[:3])
    if len(hit.phrases) == 1:
        intent = hit.phrases[0].intent
        return StageResult(hit.stage, "answer", intent, probability=hit.similarity, candidates=candidates)
    shared = Verdict(guard="shared phrase", passed=False, reason="the phrase stands in more than one intent")
    choices = tuple(one.intent for one in candidates)
    return StageResult(hit.stage, "clarify", choices=choices, guards=(shared,), candidates=candidates)


def _found(judgement: EmbeddingResult) -> StageResult:
    ruling = judgement.ruling
    return StageResult(
        "embedding",
        ruling.outcome,
        ruling.intent,
        ruling.choices,
        ruling.probability,
        ruling.margin,
        judgement.guards,
        judgement.candidates,
        judgement.second_look,
    )
