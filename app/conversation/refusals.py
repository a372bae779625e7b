"""Refusals: what is played instead of an answer, and the chips beside it.

They must not become a wall: no refusal comes twice in a row, its chips are near the question, and the third in a row
tells what the avatar knows about and how to reach a person.
"""

from collections import Counter

from app.catalog.model import Intent, Role
from app.conversation.script import Script
from app.conversation.turn import Turn, VisitorHistory
from app.learning.turn_log import TurnOutcome
from app.matching.decision import Decision

HANDS_OVER_AFTER = 3
"""Number of questions in a row without an answer at which a person is offered."""

NEAR = 0.35
"""Cosine from which an intent is near enough to a question to be its chip; half of all questions about other things
have none."""

_MOST_CHIPS = 3
_MOST_TOPICS = 6

_REFUSED: frozenset[TurnOutcome] = frozenset(("missed", "blocked", "failed"))


def refuse(script: Script, visit: VisitorHistory, turn: Turn, outcome: TurnOutcome) -> tuple[str, int] | None:
    """Choose the intent and variant that a turn plays instead of an answer, if there is one, and note it."""
    memory = visit.memory
    if outcome in _REFUSED:
        memory.refusals += 1
        turn.hands_over = memory.refusals >= HANDS_OVER_AFTER
    if turn.hands_over:
        memory.refusals = 0
    for role in _roles(outcome, hands_over=turn.hands_over):
        if choices := script.variants(role, turn.locale):
            start = visit.play_variant(f"role {role}")
            turns = [choices[(start + step) % len(choices)] for step in range(len(choices))]
            fresh = (one for one in turns if _words(script, one, turn.locale) != memory.refused_with)
            return next(fresh, turns[0])
    return None


def _roles(outcome: TurnOutcome, *, hands_over: bool) -> tuple[Role, ...]:
    """Return the roles of which the first that the catalog has is played."""
    first = (Role.HANDOVER,) if hands_over else ()
    match outcome:
        case "clarify":
            return (Role.CLARIFY, Role.UNCLEAR)
        case "missed" | "blocked":
            return (*first, Role.UNCLEAR, Role.APOLOGY)
        case _:
            return (*first, Role.APOLOGY)


def _words(script: Script, place: tuple[str, int], locale: str) -> str:
    return script.words(place[0], locale=locale, variant=place[1])


def near(script: Script, decision: Decision, *, but: str | None) -> tuple[str, ...]:
    """Return the answers nearest to a question that got none, best first, without the one just heard."""
    close = sorted((one for one in decision.receipt.candidates if one.score >= NEAR), key=lambda one: -one.score)
    found = (script.intent(one.intent) for one in close)
    return tuple(one.id for one in found if one and one.role is Role.ANSWER and one.id != but)[:_MOST_CHIPS]


def topics(script: Script) -> tuple[str, ...]:
    """Return one answer of each topic: the one that most others lead to, the largest topics first."""
    answers = [intent for intent in script.catalog.intents if intent.role is Role.ANSWER]
    named = Counter(name for intent in answers for name in intent.next)
    by_topic: dict[str, list[Intent]] = {}
    for intent in answers:
        by_topic.setdefault(intent.topic, []).append(intent)
    largest = sorted(by_topic.values(), key=lambda some: -len(some))[:_MOST_TOPICS]
    return tuple(max(some, key=lambda intent: named[intent.id]).id for some in largest)


def chips_beside(script: Script, turn: Turn) -> tuple[str, ...]:
    """Return the chips of a turn that got no answer: topics, or what is near, or else what its author chose."""
    excuse = script.intent(turn.excuse)
    own = tuple(chip.intent for chip in script.choices(excuse.next, turn.locale)) if excuse else ()
    if turn.hands_over:
        return own if excuse and excuse.role is Role.HANDOVER and own else topics(script)
    return turn.choices or own or tuple(chip.intent for chip in script.opening_choices(turn.locale))
