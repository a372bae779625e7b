"""Matcher: a visitor's question in, a decision with its receipt out."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self

import numpy as np

from app.catalog.model import Catalog, Intent
from app.catalog.voice_table import served_locale
from app.matching.batching import QuestionBatcher
from app.matching.decision import Decision, Receipt, Rejoinder, Verdict
from app.matching.embedding_stage import EmbeddingResult, EmbeddingStage
from app.matching.guards.topic import leans_back
from app.matching.normalise import normalise
from app.matching.policy import Fitted
from app.matching.ports import Encoder, SecondLook, Vectors
from app.matching.prepared_catalog import Prepared, askable
from app.matching.reading.gloss import in_english
from app.matching.reading.machine_talk import machine_talk
from app.matching.reading.reader import Reading, names_in
from app.matching.second_look import SecondLookStage
from app.matching.stage_result import StageResult, of_alarm, of_follow_up, of_judgement, of_phrase, permitted
from app.matching.turns.follow_up import follow_up, readings
from app.matching.turns.previous import Previous
from app.matching.turns.rejoinders import PHRASES, rejoinder
from app.matching.turns.subject import TurnSubject, may_refer, refers_back, subject_of

_LEANS = Verdict(
    guard="follow-up",
    passed=False,
    reason="leans on an earlier question and says too little by itself",
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Question under decision: its start time, its text as it is read, its locale, how it was read and typed."""

    started: float
    text: str
    locale: str
    reading: Reading
    typed: str
    never: Mapping[str, Verdict] = field(default_factory=dict)
    """Intents that the catalog forbids this very question, and why."""

    @property
    def plain(self) -> str:
        """Text in English words, where its language has no word lists of its own."""
        return in_english(self.text, self.locale)

    @property
    def readings(self) -> tuple[str, ...]:
        """Text in English words, then as it is: visitors speak English and German in any session."""
        return tuple(dict.fromkeys((self.plain, self.text)))

    @property
    def reply(self) -> Rejoinder | None:
        """Return what the text replies to the turn before, if it is a reply."""
        return next(filter(None, map(rejoinder, self.readings)), None)


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
    _intents: Mapping[str, Intent] = field(repr=False)
    second_look: SecondLookStage | None = field(default=None, repr=False)
    """Stage that asks a model about the grey zone; `decide` alone takes it."""
    locales: tuple[str, ...] = ()
    """The catalog's locales, the default one included."""
    others: Mapping[str, "Matcher"] = field(default_factory=dict, repr=False)
    """Matchers of the locales whose questions another encoder reads."""

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
            _intents={intent.id: intent for intent in ready.catalog.intents},
            release=release,
            default_locale=ready.catalog.default_locale,
            locales=(*ready.catalog.locales, ready.catalog.default_locale),
            now=now,
            closed=lambda: frozenset(intent.id for intent in bounded if not intent.open_on(today())),
            second_look=SecondLookStage.of(second_look, ready.catalog, now=now) if second_look else None,
        )

    def of_locale(self, locale: str | None) -> "Matcher":
        """Return the matcher that decides questions in a locale."""
        return self.others.get(self._served(locale), self)

    def _served(self, locale: str | None) -> str:
        """Return the catalog's locale that serves a tag; a tag of another language as it is."""
        return served_locale(locale, self.locales) or locale or self.default_locale

    async def decide(self, text: str, *, locale: str | None = None, previous: Previous | str | None = None) -> Decision:
        """Decide one question; `previous` is the turn before it in the same session, or the question of it.

        Exact and near-exact phrases never need the encoder; it runs in a thread, in batches.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        if (other := self.of_locale(locale)) is not self:
            return await other.decide(text, locale=locale, previous=previous)
        asked, before = self._asked(text, locale), Previous.of(previous)
        before = replace(before, question=self._reading(before.question, asked.locale).text)
        settled = self._chosen(asked, before) or self._settle(asked) or self._replied(asked, before)
        return self._decision(asked, settled or await self._in_turn(asked, before))

    def _chosen(self, asked: _Asked, before: Previous) -> StageResult | None:
        """Return the result of a yes or no to offered chips."""
        open_ = tuple(name for name in before.offered if name in self._intents and name not in self.closed())
        said = asked.reply if open_ else None
        if said == "yes" and len(open_) == 1:
            return StageResult("reply", "answer", open_[0], probability=1.0, reply=said)
        if said == "yes":
            return StageResult("reply", "clarify", choices=open_, reply=said)
        return StageResult("reply", reply=said) if said == "no" else None

    def _replied(self, asked: _Asked, before: Previous) -> StageResult | None:
        """Return the result of a reply to the turn before; an author's own intent for such a reply answers it."""
        said = asked.reply
        if said is None or (said != "repeat" and before == Previous()):
            return None
        if said == "repeat" and before.intent:
            return StageResult("reply", "answer", before.intent, probability=1.0, reply=said)
        hits = (
            self.prepared.lexicon.find(phrase, locale=asked.locale, closed=self.closed()) for phrase in PHRASES[said]
        )
        found = next((hit.phrases[0].intent for hit in hits if hit and len(hit.phrases) == 1), None)
        return StageResult("reply", "answer" if found else "miss", found, probability=float(bool(found)), reply=said)

    async def _in_turn(self, asked: _Asked, before: Previous) -> StageResult:
        """Return the result by meaning: of the question alone, or read with the turn before."""
        if refers_back(asked.plain) and (subject := await self._subject(asked, before)):
            return await self._followed(asked, subject)
        if leans_back(asked.plain):
            return await self._leant(asked, before)
        found = await self._meant(asked, asked.text, may_look=before.may_look)
        if found.outcome == "answer":
            return found
        short = before.intent and may_refer(asked.plain)
        if short and (subject := await self._subject(asked, before)) and subject.tells(asked.plain):
            return await self._followed(asked, subject)
        if before.question and any(one.guard == _LEANS.guard and not one.passed for one in found.guards):
            return await self._leant(asked, replace(before, may_look=before.may_look and not found.second_look))
        return found

    async def _leant(self, asked: _Asked, before: Previous) -> StageResult:
        """Return the result of a question that is read together with the one before it; without one, a miss."""
        if not before.question:
            return StageResult("embedding", guards=(_LEANS,))
        return await self._meant(asked, normalise(f"{before.question} {asked.text}"), may_look=before.may_look)

    async def _subject(self, asked: _Asked, before: Previous) -> TurnSubject | None:
        """Return what the turn before was about: the intent that answered it, or else would answer it."""
        name = before.intent
        if name is None and before.question:
            first = self._asked(before.question, asked.locale)
            name = (self._settle(first) or await self._meant(first, first.text, may_look=False)).intent
        intent = self._intents.get(name or "")
        if intent is None or intent.id not in self.prepared.index.intents:
            return None
        return subject_of(intent, before, locale=asked.locale, default=self.default_locale)

    async def _followed(self, asked: _Asked, subject: TurnSubject) -> StageResult:
        """Return the result of a question that is read with its subject."""
        texts = readings(asked.text, subject)
        vectors = np.stack(await asyncio.gather(*map(self._batcher.encode, texts)))
        judge = self._judge(asked)
        alone = judge.judge(texts[0], vectors[0], locale=asked.locale)
        found = follow_up(judge, subject, texts, vectors, locale=asked.locale, alone=alone.ruling.intent)
        return of_follow_up(found, subject)

    async def _meant(self, asked: _Asked, text: str, *, may_look: bool) -> StageResult:
        vector = await self._batcher.encode(text)
        judge = self._judge(asked)
        found = judge.judge(text, vector, locale=asked.locale, typed=asked.reading.unmended)
        if self.second_look and may_look:
            found = await self.second_look.over(judge, found, question=text, vector=vector, locale=asked.locale)
        return of_judgement(found)

    def decide_many(self, texts: Sequence[str], *, locale: str | None = None) -> tuple[Decision, ...]:
        """Decide questions without a session, encoded as one batch; blocking. The order is that of `texts`.

        No second look is taken: nothing here costs money.
        Each receipt's milliseconds are those of the whole batch up to its decision.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        if (other := self.of_locale(locale)) is not self:
            return other.decide_many(texts, locale=locale)
        asked = [self._asked(text, locale) for text in texts]
        settled = [self._settle(one) or self._leaning(one) for one in asked]
        open_ = [one for one, finding in zip(asked, settled, strict=True) if finding is None]
        vectors = iter(self.encoder.encode([one.text for one in open_]) if open_ else ())
        return tuple(
            self._decision(one, found or of_judgement(self._judged(one, next(vectors))))
            for one, found in zip(asked, settled, strict=True)
        )

    def _judged(self, asked: _Asked, vector: Vectors) -> EmbeddingResult:
        return self._judge(asked).judge(asked.text, vector, locale=asked.locale, typed=asked.reading.unmended)

    def _asked(self, text: str, locale: str | None) -> _Asked:
        started, spoken = self.now(), self._served(locale)
        reading = self._reading(text, spoken)
        never = self.prepared.never.of(dict.fromkeys((reading.text, reading.typed)))
        return _Asked(started, reading.text, spoken, reading, text, never)

    def _reading(self, text: str, locale: str) -> Reading:
        """Read a question; a phrase word for word is read as it stands."""
        typed = normalise(text)
        if not typed or self.prepared.lexicon.has(typed):
            return Reading(typed, typed, typed)
        return self.prepared.reader.read(typed, locale=locale, names=names_in(text, locale))

    def _judge(self, asked: _Asked) -> EmbeddingStage:
        return EmbeddingStage(
            prepared=self.prepared,
            calibration=self.fitted.gate,
            thresholds=self.fitted.limits(asked.locale),
            closed=self.closed(),
            never=asked.never,
        )

    def _leaning(self, asked: _Asked) -> StageResult | None:
        return StageResult("embedding", guards=(_LEANS,)) if leans_back(asked.plain) else None

    def _settle(self, asked: _Asked) -> StageResult | None:
        """Return what is settled without the encoder: need, a phrase, an order to the machine; else None."""
        if not asked.text:
            return StageResult("empty")
        closed = self.closed()
        if alarmed := self.prepared.alarm.find(
            asked.typed, asked.locale, normalised=asked.reading.typed, closed=closed
        ):
            return of_alarm(alarmed)
        hit = self.prepared.lexicon.find(asked.text, locale=asked.locale, closed=closed.union(asked.never))
        if hit:
            return of_phrase(hit.typed(asked.reading.typed))
        order = next(filter(None, map(machine_talk, asked.readings)), None)
        return StageResult("embedding", guards=(order,)) if order else None

    def _decision(self, asked: _Asked, found: StageResult) -> Decision:
        found = permitted(found, asked.never)
        first, answers = (found.candidates[0] if found.candidates else None), self._intents.get(found.intent or "")
        receipt = Receipt(
            stage=found.stage,
            intent=found.intent or (first.intent if first else None),
            score=first.score if first else 0.0,
            probability=found.probability,
            runner_up=found.candidates[1].intent if len(found.candidates) > 1 else None,
            margin=found.margin,
            thresholds=self.fitted.limits(asked.locale),
            guards=found.guards,
            candidates=found.candidates,
            second_look=found.second_look,
            normalised=asked.text,
            typed=asked.reading.typed if asked.reading.typed != asked.text else None,
            locale=asked.locale,
            release=self.release,
            encoder=self.prepared.encoder,
            latency_ms=(self.now() - asked.started) * 1000,
            subject=found.subject,
            pack=answers.starter if answers else None,
            reply=found.reply,
        )
        return Decision(outcome=found.outcome, intent=found.intent, choices=found.choices, receipt=receipt)
