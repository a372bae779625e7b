"""Printed form of what an edit does, for authors."""

from app.authoring.effect import Answered, EditPreview, MovedAnswer
from app.cli.output import out
from app.runtime.commands.answers.clips import UsedClip
from app.runtime.commands.answers.never import NeverReceipt
from app.runtime.commands.answers.new_intent import NewIntentResult
from app.runtime.commands.answers.proposals import Proposals

_MOST_SHOWN = 12


def show_preview(found: EditPreview) -> None:
    """Print files, findings, questions that get something else, and the expected shares."""
    for change in found.changes:
        made = "new" if change.before is None else "changed"
        out.print(f"{made if found.written else 'would be ' + made:<16} {change.file}", markup=False)
    if not found.changes:
        out.print("Nothing changes: it stands there already.")
    for finding in found.findings:
        out.print(f"  {finding}", markup=False)
    for moved in found.moved[:_MOST_SHOWN]:
        _show_moved(moved)
    if len(found.moved) > _MOST_SHOWN:
        out.print(f"  and {len(found.moved) - _MOST_SHOWN} more", style="dim")
    _show_shares(found)


def _show_moved(moved: MovedAnswer) -> None:
    mark = {True: "better", False: "worse", None: "other"}[moved.better]
    times = f" ({moved.times} times)" if moved.times > 1 else ""
    out.print(f"  {mark:<7}{moved.question}{times}", markup=False)
    out.print(f"         {_said(moved.before)} -> {_said(moved.after)}", markup=False, style="dim")


def _said(answered: Answered) -> str:
    if answered.outcome == "answer":
        return f"`{answered.intent}`"
    return "asked back: " + ", ".join(f"`{one}`" for one in answered.choices) if answered.choices else "nothing"


def _show_shares(found: EditPreview) -> None:
    if found.right_before is None or found.right_after is None:
        return
    if not found.moved:
        out.print(f"None of {found.asked} tests and recorded questions is answered otherwise.")
    wrong = f"{found.wrong_before:.1%} to {found.wrong_after:.1%}"
    out.print(f"Expected: right {found.right_before:.1%} to {found.right_after:.1%}, wrong {wrong} of all questions.")


def show_intent(found: NewIntentResult) -> None:
    """Print a new intent."""
    show_preview(found.preview)
    for locale, texts in found.intent.answer.items():
        out.print(f"  {locale}: {texts[0]}", markup=False)
    if found.proposed_by:
        out.print(f"The answer is proposed by {found.proposed_by}: read it, then remove the line with `draft:`.")


def show_never(found: NeverReceipt, intent: str) -> None:
    """Print what forbids an answer, and the proof."""
    show_preview(found.preview)
    for text in found.removed:
        out.print(f"  the phrase “{text}” said the same, and goes", markup=False)
    reason = next((one.reason for one in found.decision.receipt.guards if not one.passed), "")
    now = found.decision.intent or (", ".join(found.decision.choices) if found.decision.choices else "nothing")
    out.print(f"It now gets: {now}. {reason[:1].upper() + reason[1:]}.", markup=False)
    if found.holds:
        out.print(f"Asked in {found.tried} spellings, none reaches `{intent}`.", markup=False)
    else:
        out.print(f"Still reaches `{intent}`: {', '.join(found.reached)}", markup=False, style="red")


def show_clip(found: UsedClip) -> None:
    """Print what became of a clip."""
    show_preview(found.preview)
    out.print(f"  “{found.text}”", markup=False)
    free = "Its clip is stored: nothing is rendered."
    changed = "Face, voice or renderer changed since it was made: `greenroom warm` renders it again."
    out.print(free if found.rendered else changed)


def show_proposals(found: Proposals) -> None:
    """Print proposals, each with what it adds."""
    if not found.items:
        out.print(f"Nothing to propose for `{found.intent}`: write phrases in other words.", markup=False)
        return
    for one in found.items:
        out.print(f"  {one.adds:+6.1%}  {one.text}  ({one.source})", markup=False)
    before, after = f"{found.found_before:.0%}", f"{found.found_after:.0%}"
    out.print(
        f"Of {found.wordings} other wordings `{found.intent}` is found by {before}, and with all of these by {after}.",
        markup=False,
    )
