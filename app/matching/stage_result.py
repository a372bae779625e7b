"""Stage result: what one stage of a decision found, and how the results of the parts become one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.matching.decision import Candidate, LookNote, Outcome, Rejoinder, Stage, Verdict
from app.matching.embedding_stage import EmbeddingResult
from app.matching.lexical import LexicalHit
from app.matching.turns.follow_up import FollowUpResult
from app.matching.turns.subject import TurnSubject
from app.matching.urgent.alarm import Alarmed


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
    subject: str | None = None
    reply: Rejoinder | None = None


def permitted(found: StageResult, never: Mapping[str, Verdict]) -> StageResult:
    """Return the result without the intents that the catalog forbids this question, whatever stage found them."""
    if not never:
        return found
    guards = tuple(dict.fromkeys((*never.values(), *found.guards)))
    if found.intent in never:
        return replace(found, outcome="miss", intent=None, choices=(), probability=0.0, guards=guards)
    choices = tuple(one for one in found.choices if one not in never)
    outcome = "miss" if found.outcome == "clarify" and not choices else found.outcome
    return replace(found, outcome=outcome, choices=choices, guards=guards)


def of_alarm(alarmed: Alarmed) -> StageResult:
    """Return the result of a need that was heard."""
    heard = Candidate(intent=alarmed.intent, score=1.0, phrase=alarmed.words)
    return StageResult("urgent", "answer", alarmed.intent, probability=1.0, candidates=(heard,))


def of_phrase(hit: LexicalHit) -> StageResult:
    """Return the result of a phrase word for word: an answer, or chips where it is one of several intents."""
    candidates = tuple(Candidate(intent=p.intent, score=hit.similarity, phrase=p.original) for p in hit.phrases[:3])
    if len(hit.phrases) == 1:
        intent = hit.phrases[0].intent
        return StageResult(hit.stage, "answer", intent, probability=hit.similarity, candidates=candidates)
    shared = Verdict(guard="shared phrase", passed=False, reason="the phrase stands in more than one intent")
    choices = tuple(one.intent for one in candidates)
    return StageResult(hit.stage, "clarify", choices=choices, guards=(shared,), candidates=candidates)


def of_judgement(judgement: EmbeddingResult) -> StageResult:
    """Return the result of a judgement by meaning."""
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


def of_follow_up(found: FollowUpResult, subject: TurnSubject) -> StageResult:
    """Return the result of a question that was read with its subject."""
    outcome: Outcome = "answer" if found.intent else "clarify" if found.choices else "miss"
    return StageResult(
        "follow-up",
        outcome,
        found.intent,
        found.choices,
        found.probability,
        found.margin,
        found.guards,
        found.candidates,
        subject=subject.intent,
    )
