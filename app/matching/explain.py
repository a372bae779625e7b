"""A receipt in words an author understands."""

from app.matching.decision import Candidate, Decision, Receipt, Stage

_STAGES: dict[Stage, str] = {
    "empty": "There were no words in it.",
    "exact": "It is one of the phrases, word for word.",
    "near": "It is one of the phrases but for a typing slip.",
    "embedding": "It is none of the phrases, so its meaning was compared with theirs.",
}


def explain(decision: Decision) -> tuple[str, ...]:
    """The lines of an explanation, most important first."""
    receipt = decision.receipt
    return (
        f"Read as “{receipt.normalised}” ({receipt.locale}).",
        _STAGES[receipt.stage],
        _outcome(decision),
        *(f"  {line}" for line in _candidates(receipt.candidates)),
        *_scores(receipt),
        *(f"Guard `{one.guard}`: {'passed' if one.passed else one.reason}." for one in receipt.guards),
        f"Release {receipt.release}, encoder {receipt.encoder}, {receipt.latency_ms:.1f} ms.",
    )


def _outcome(decision: Decision) -> str:
    match decision.outcome:
        case "answer":
            return f"Answered with `{decision.intent}`."
        case "clarify":
            return f"Asked which was meant: {', '.join(f'`{choice}`' for choice in decision.choices)}."
        case _:
            return "No intent was sure enough: a miss."


def _candidates(candidates: tuple[Candidate, ...]) -> list[str]:
    return [f"{one.score:.2f} `{one.intent}`, nearest phrase “{one.phrase}”" for one in candidates]


def _scores(receipt: Receipt) -> tuple[str, ...]:
    if receipt.stage != "embedding" or receipt.margin is None:
        return ()
    needs = receipt.thresholds
    first = f"`{receipt.intent}`" if receipt.intent else "the first choice"
    runner_up = f" over `{receipt.runner_up}`" if receipt.runner_up else ""
    return (
        f"The chance that {first} is right is {receipt.probability:.0%}; an answer needs {needs.answer:.0%}.",
        f"Its lead{runner_up} is {receipt.margin:.2f}; an answer needs {needs.margin:.2f}.",
        f"These limits: {needs.source}.",
    )
