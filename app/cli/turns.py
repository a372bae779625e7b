"""Commands `greenroom explain`, `misses`, `label` and `erase`: the questions of visitors."""

import asyncio
import sys
from typing import Annotated

import typer

from app.adapters.sql.turn_log import SqlTurnLog
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import USAGE, PlainTable, err, out, print_json, print_lines
from app.errors import TurnNotFoundError
from app.learning.traffic import ScoredTurn
from app.learning.turn_log import Chosen, Miss, TurnRecord
from app.matching.decision import Decision, Receipt
from app.matching.receipt_text import explain as in_words
from app.runtime.commands.mixes import judge, likely
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import open_database


def explain(
    turn: Annotated[str, typer.Argument(help="The turn's id, from the logs or the socket.")],
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain why a visitor's question got the answer it got.

    \b
    Examples:
      greenroom explain turn_01HZX
    """
    record = asyncio.run(_turn(settings_for(catalog, cache), turn))
    if as_json:
        print_json(record)
        return
    out.print(f"[bold]{record.asked_at:%Y-%m-%d %H:%M:%S} UTC[/bold]  {record.outcome}")
    out.print(f"  {record.question}", markup=False)
    if record.receipt.get("stage") == "choice":
        out.print(f"  The visitor picked the chip of `{record.intent}`: nothing was matched.")
    elif record.receipt.get("failed"):
        out.print(f"  This machine failed before a decision: {record.receipt['failed']}.")
    elif record.receipt:
        receipt = Receipt.model_validate(record.receipt)
        outcome = "answer" if record.intent else "clarify" if record.outcome == "clarify" else "miss"
        print_lines(in_words(Decision(outcome=outcome, intent=record.intent, receipt=receipt)))


def misses(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20,
    chosen: Annotated[
        bool, typer.Option("--chosen", help="List questions whose visitors picked a chip, with its intent.")
    ] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the questions that no answer of yours fits, most asked first; `questions` groups them by meaning.

    `quoted`: how often a document or a model answered all the same; `chips`: how often none of the chips was chosen.
    What failed on this machine is not listed.

    \b
    Examples:
      greenroom misses
      greenroom misses --limit 100 --json
      greenroom misses --chosen
    """
    if chosen:
        _show_chosen(asyncio.run(_chosen(settings_for(catalog, cache), limit)), as_json=as_json)
        return
    found = asyncio.run(_misses(settings_for(catalog, cache), limit))
    if as_json:
        print_json({"misses": found})
        return
    table = PlainTable("times", "quoted", "chips", "last asked", "question")
    for miss in found:
        counts = (str(count or "") for count in (miss.count, miss.quoted, miss.chips))
        table.add_row(*counts, f"{miss.last_asked_at:%Y-%m-%d %H:%M}", miss.question)
    out.print(table if found else "There are no misses.")


def _show_chosen(found: tuple[Chosen, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({"chosen": found})
        return
    table = PlainTable("times", "last asked", "intent", "question")
    for one in found:
        table.add_row(str(one.count), f"{one.last_asked_at:%Y-%m-%d %H:%M}", one.intent, one.question)
    out.print(table if found else "No chips were chosen.")


def erase(
    session: Annotated[str, typer.Argument(help="The session's id, from the socket.")],
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase a visitor's session and everything that it caused. A running server drops it within seconds.

    \b
    Examples:
      greenroom erase s_dgGzz8uYc0
    """
    from app.runtime.commands.visits.erasing import erase_session, receipt_lines  # noqa: PLC0415 - opens the whole site

    receipt = asyncio.run(erase_session(settings_for(catalog, cache), session))
    if as_json:
        print_json(receipt)
        return
    out.print(f"Erased {session} and {receipt['erased'].get('turns', 0)} of its questions.", markup=False)
    for line in receipt_lines(receipt):
        out.print(f"  {line}", markup=False)


def session(
    session: Annotated[str, typer.Argument(help="The session's id, from the socket.")],
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show everything that is stored of a visitor's session, as its visitor may ask for.

    \b
    Examples:
      greenroom session s_dgGzz8uYc0 --json
    """
    from app.runtime.commands.visits.erasing import export_session  # noqa: PLC0415 - opens the whole site

    document = asyncio.run(export_session(settings_for(catalog, cache), session))
    if as_json:
        print_json(document)
        return
    for turn in document["turns"]:
        out.print(f"{turn['asked_at'][:19]}  {turn['question']}", markup=False)
        out.print(f"  {turn['outcome']}: {turn.get('said', '')}", markup=False, style="dim")
    out.print(f"{len(document['turns'])} questions, {len(document['films'])} stored recipes of films asked for.")


async def _turn(settings: Settings, turn_id: str) -> TurnRecord:
    async with open_database(settings) as database:
        record = await SqlTurnLog(database).get(turn_id)
    if record is None:
        raise TurnNotFoundError(
            f"Cannot find turn {turn_id!r} in the log. Check the id; old turns are deleted after a time."
        )
    return record


async def _misses(settings: Settings, limit: int) -> tuple[Miss, ...]:
    async with open_database(settings) as database:
        return await SqlTurnLog(database).misses(limit=limit)


async def _chosen(settings: Settings, limit: int) -> tuple[Chosen, ...]:
    async with open_database(settings) as database:
        return await SqlTurnLog(database).chosen(limit=limit)


def label(
    turn: Annotated[str | None, typer.Argument(help="A turn's id; without it, plays are listed.")] = None,
    right: Annotated[
        bool | None, typer.Option("--yes/--no", help="Whether the answer is right for the turn's question.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many plays.")] = 20,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge likely plays, so that the promise rests on your visitors.

    Draws questions at random that an answer was likely for, played or not. On a terminal it asks about each: y, n,
    s to skip, q to stop. Sixty help, 150 settle it.

    \b
    Examples:
      greenroom label
      greenroom label --json --count 150
      greenroom label turn_01HZX --no
    """
    settings = settings_for(catalog, cache)
    if (turn is None) != (right is None):
        err.print("Expected a turn with --yes or --no, or neither.")
        raise typer.Exit(USAGE)
    if turn is not None:
        stored = asyncio.run(judge(settings, turn, right=bool(right)))
        if as_json:
            print_json(stored)
        else:
            out.print(f"`{stored.intent}` is {'right' if stored.right else 'wrong'} for {stored.turn}.", markup=False)
        return
    plays, known = asyncio.run(likely(settings, count=count))
    if as_json:
        print_json({"labels": known, "plays": plays})
    elif not plays:
        out.print(f"There are no likely plays to judge. {known} are judged.")
    else:
        _show(settings, plays, known=known, asks=sys.stdin.isatty())


def _show(settings: Settings, plays: tuple[ScoredTurn, ...], *, known: int, asks: bool) -> None:
    for one in plays:
        out.print(f"{one.id}  {one.question}", markup=False)
        state = "played" if one.played else "not played"
        out.print(f"  `{one.intent}`, as in “{one.phrase}” ({one.probability:.0%}, {state})", markup=False, style="dim")
        if not asks:
            continue
        said = typer.prompt("  right? [y/n/s/q]", default="s", show_default=False).strip().lower()[:1]
        if said == "q":
            break
        if said in ("y", "n"):
            asyncio.run(judge(settings, one.id, right=said == "y"))
            known += 1
    out.print(f"{known} are judged; 60 help, 150 settle it.")
