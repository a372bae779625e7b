"""Printing of groups, wordings and transcripts."""

from collections.abc import Mapping, Sequence

from app.cli.output import PlainTable, out
from app.learning.questions.groups import GroupMember, GroupPage, QuestionGroup
from app.learning.questions.query import QuestionOutcome
from app.learning.turn_log import TurnRecord

_WORDS: Mapping[QuestionOutcome, str] = {
    "document": "quoted from documents",
    "model": "answered by a model",
    "chosen": "chip chosen",
    "chips": "chips, none chosen",
    "choice": "chip",
}


def show_groups(page: GroupPage, *, visitors: int) -> None:
    """Print a page of groups, and how many are hidden."""
    table = PlainTable("asked", "visitors", "last asked", "id", "state", "question", "came to")
    for one in page.items:
        table.add_row(
            str(one.asked),
            str(one.visitors),
            f"{one.last_at:%Y-%m-%d %H:%M}",
            one.id,
            one.state.replace("_", " "),
            f"{one.question} [{one.locale}]",
            outcomes_told(one.outcomes),
        )
    out.print(table if page.items else "No group fits.", markup=False)
    if page.hidden:
        out.print(
            f"{page.hidden} more were asked by fewer than {visitors} visitors: --visitors 1 shows them.", style="dim"
        )
    if page.cursor:
        out.print(f"There are more: --cursor {page.cursor}", style="dim", markup=False)


def show_group(group: QuestionGroup, members: Sequence[GroupMember]) -> None:
    """Print one group with its wordings."""
    out.print(f"{group.question} [{group.locale}]", markup=False, style="bold")
    out.print(f"  asked {group.asked} times by {group.visitors} visitors, {outcomes_told(group.outcomes)}")
    if group.intents:
        out.print(f"  played: {', '.join(f'`{intent}` {times}' for intent, times in group.intents.items())}")
    if group.nearest:
        out.print(f"  nearest where nothing played: `{group.nearest}`")
    if group.up or group.down:
        out.print(f"  rated: {group.up} up, {group.down} down")
    by = f" by {group.state_by} on {group.state_at:%Y-%m-%d}, asked {group.asked_since} times since"
    note = f": {group.note}" if group.note else ""
    out.print(f"  {group.state.replace('_', ' ')}{by if group.state_at else ''}{note}", markup=False)
    table = PlainTable("asked", "id", "wording", "came to")
    for one in members:
        table.add_row(str(one.asked), one.id, one.question, outcomes_told(one.outcomes))
    out.print(table, markup=False)


def show_turns(turns: Sequence[TurnRecord], *, cursor: str | None) -> None:
    """Print questions, one a line."""
    table = PlainTable("asked", "turn", "came to", "intent", "rated", "question")
    for turn in turns:
        table.add_row(
            f"{turn.asked_at:%Y-%m-%d %H:%M}",
            turn.id,
            told(turn.result),
            turn.intent or (f"({turn.nearest})" if turn.nearest else ""),
            turn.score or "",
            turn.question,
        )
    out.print(table if turns else "No question fits.", markup=False)
    if cursor:
        out.print(f"There are more: --cursor {cursor}", style="dim", markup=False)


def show_transcript(turns: Sequence[TurnRecord]) -> None:
    """Print a visit as a conversation."""
    for turn in turns:
        out.print(f"{turn.asked_at:%Y-%m-%d %H:%M:%S}  {turn.question}", markup=False, style="bold")
        source = next((f" ({one})" for one in (turn.intent, turn.document, turn.answered_by) if one), "")
        out.print(
            f"  {told(turn.result)}{source}: {turn.said}" if turn.said else f"  {told(turn.result)}", markup=False
        )
        if turn.stopped_after_s is not None:
            out.print(f"  stopped after {turn.stopped_after_s:.1f} s", style="dim")
        if turn.offered:
            chosen = f"; chosen: {turn.chosen}" if turn.chosen else ""
            out.print(f"  chips: {', '.join(turn.offered)}{chosen}", markup=False, style="dim")
        if turn.score:
            out.print(f"  rated {turn.score}{f': {turn.comment}' if turn.comment else ''}", markup=False, style="dim")


def told(result: QuestionOutcome) -> str:
    """Return a result in words."""
    return _WORDS.get(result, result)


def outcomes_told(outcomes: Mapping[QuestionOutcome, int]) -> str:
    """Return counts in words, the largest first."""
    ordered = sorted(outcomes.items(), key=lambda one: -one[1])
    return ", ".join(f"{count} {told(result)}" for result, count in ordered)
