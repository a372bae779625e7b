"""Text of a receipt, for authors."""

from app.matching.decision import LEFT_TO_DOCUMENTS, Decision, Receipt, Rejoinder, Stage, Verdict
from app.matching.turns.follow_up import LEADS, PLAYS

_STAGES: dict[Stage, str] = {
    "empty": "There were no words in it.",
    "urgent": "It tells of somebody in need: that is heard before anything else.",
    "exact": "It is one of the phrases, word for word.",
    "near": "It is one of the phrases but for its spelling.",
    "embedding": "It is none of the phrases, so its meaning was compared with theirs.",
    "follow-up": "It leans on the turn before.",
    "reply": "It is no question.",
}

_REPLIES: dict[Rejoinder, str] = {
    "repeat": "It asks to hear the last words again.",
    "thanks": "It is no question: it says thanks.",
    "ok": "It is no question: it says that the answer was understood.",
    "yes": "It is no question: it says yes to the turn before.",
    "no": "It is no question: it says no to the turn before.",
}


def explain(decision: Decision) -> tuple[str, ...]:
    """Return the lines of an explanation, most important first."""
    receipt = decision.receipt
    return (
        f"Read as “{receipt.normalised}” ({receipt.locale}){_typed(receipt)}.",
        _stage(receipt),
        _outcome(decision),
        *_candidates(receipt),
        *_scores(receipt),
        *_second_look(receipt),
        *_guards(receipt.guards),
        f"Release {receipt.release}, encoder {receipt.encoder}, {receipt.latency_ms:.1f} ms.",
    )


def _typed(receipt: Receipt) -> str:
    return f", typed “{receipt.typed}”" if receipt.typed else ""


def _stage(receipt: Receipt) -> str:
    if receipt.stage == "embedding" and not receipt.candidates and receipt.guards:
        return "It is none of the phrases, and its bare words were compared with nothing."
    if receipt.reply:
        return _REPLIES[receipt.reply]
    if receipt.subject:
        return f"It leans on the turn before, so it was read with `{receipt.subject}`, which that was about."
    return _STAGES[receipt.stage]


def _outcome(decision: Decision) -> str:
    match decision.outcome:
        case "answer":
            pack = decision.receipt.pack
            return f"Answered with `{decision.intent}`{f', from the starter pack `{pack}`' if pack else ''}."
        case "clarify":
            return f"Asked which was meant: {', '.join(f'`{choice}`' for choice in decision.choices)}."
        case _ if decision.receipt.stage == "empty":
            return "Nothing to answer: a miss."
        case _ if decision.receipt.reply:
            return "No intent has such a phrase: the conversation replies by itself."
        case _:
            return _miss([one.guard for one in decision.receipt.guards if not one.passed])


def _miss(stopped_by: list[str]) -> str:
    if LEFT_TO_DOCUMENTS in stopped_by:
        return "No intent was sure enough, and the documents go before chips: a miss."
    if stopped_by:
        return "A guard stopped the answer, and nothing else was sure enough: a miss."
    return "No intent was sure enough: a miss."


def _candidates(receipt: Receipt) -> list[str]:
    if receipt.stage == "urgent":
        return [f"  `{one.intent}`, because of the words “{one.phrase}”" for one in receipt.candidates]
    if receipt.stage not in {"embedding", "follow-up"} or not receipt.candidates:
        return [f"  `{one.intent}`, by its phrase “{one.phrase}”" for one in receipt.candidates]
    return [
        "Considered, likeliest first; the number says how near the nearest phrase is (1: the same meaning):",
        *(f"  {one.score:.2f} `{one.intent}`, nearest phrase “{one.phrase}”" for one in receipt.candidates),
    ]


def _scores(receipt: Receipt) -> tuple[str, ...]:
    if receipt.stage == "follow-up":
        return _follow_up(receipt)
    if receipt.stage != "embedding" or receipt.margin is None:
        return ()
    needs = receipt.thresholds
    first = f"`{receipt.intent}`" if receipt.intent else "the first choice"
    runner_up = f" over `{receipt.runner_up}`" if receipt.runner_up else ""
    chance = "enough" if receipt.probability >= needs.answer else "too little"
    lead = "enough" if receipt.margin >= needs.margin else "too little"
    return (
        f"The chance that {first} is right is {receipt.probability:.0%}; an answer needs {needs.answer:.0%}: {chance}.",
        f"Its lead{runner_up} is {receipt.margin:.2f}; an answer needs {needs.margin:.2f}: {lead}.",
        f"Chips are offered where the right one is likely enough among the first three: {needs.clarify:.0%}."
        if needs.clarify < 1
        else "No chips are offered.",
        f"These limits: {needs.source}.",
    )


_SAID = {
    "yes": "it said yes, and so its clip plays",
    "no": "it said no",
    "unsure": "it was not sure, which means no",
    "late": "it did not answer in time, which means no",
    "over budget": "there was no money to ask it, which means no",
    "failed": "it could not be asked, which means no",
}


def _second_look(receipt: Receipt) -> tuple[str, ...]:
    note, low = receipt.second_look, receipt.thresholds.second_look
    if note is not None:
        asked = f"A second look by {note.model} at `{note.intent}`, {note.latency_ms:.0f} ms"
        return (f"{asked}: {_SAID[note.said]}.",)
    if low is not None and receipt.stage == "embedding" and low <= receipt.probability < receipt.thresholds.answer:
        return (f"A second look is taken from {low:.0%} up, unless a guard stops the answer; none was taken here.",)
    return ()


def _follow_up(receipt: Receipt) -> tuple[str, ...]:
    """Explain the score of a follow-up, unless its subject itself tells what is asked."""
    if receipt.margin is None:
        return (f"`{receipt.subject}` itself tells what is asked: its phrases and its answer have all these words.",)
    scored = (
        f"Read alone, after the title of `{receipt.subject}` and after the question before, the likeliest other "
        f"intent scores {receipt.probability:.2f} on average, {receipt.margin:.2f} more than the next; "
        f"it plays from {PLAYS:.2f} with a lead of {LEADS:.2f}."
    )
    return (scored,)


def _guards(guards: tuple[Verdict, ...]) -> list[str]:
    passed = [one.guard for one in guards if one.passed]
    failed = [
        f"Chips were left out: {one.reason}."
        if one.guard == LEFT_TO_DOCUMENTS
        else f"Stopped by the guard `{one.guard}`: {one.reason}."
        for one in guards
        if not one.passed
    ]
    return [*failed, f"Guards that passed: {', '.join(passed)}."] if passed else failed
