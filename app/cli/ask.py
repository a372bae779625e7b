"""Command `greenroom ask`: the decision about a question."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import USAGE, err, out, print_json, print_lines
from app.matching.decision import Decision
from app.matching.matcher import Matcher
from app.matching.ports import SecondLook
from app.matching.receipt_text import explain as in_words
from app.matching.turns.previous import Previous
from app.runtime.settings.site import Settings
from app.runtime.wiring.matcher_cache import build_matcher
from app.runtime.wiring.store_and_encoder import encoder_for, encoders_for, open_catalog

_BATCH = 256
"""Questions encoded together: enough to be fast, few enough for the first lines to come soon."""


def ask(
    text: Annotated[str | None, typer.Argument(help="The question.", show_default=False)] = None,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", metavar="FILE", help='JSON lines of {"text": ...}, one decision a line out.'),
    ] = None,
    locale: Annotated[str | None, typer.Option(help="The question's locale; the default is the catalog's.")] = None,
    previous: Annotated[str | None, typer.Option(help="The question before this one.")] = None,
    previous_intent: Annotated[
        str | None, typer.Option(metavar="INTENT", help="The intent that was just played, if not by --previous.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show candidates, guards and thresholds.")] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the decision about a question, and why.

    It decides as the server does; needs no server and no clips. A second look, if the catalog asks for one,
    is taken and booked, but not with --batch.

    \b
    Examples:
      greenroom ask "when do you close?"
      greenroom ask -v "can I bring my dog"
      greenroom ask --previous-intent opening-hours "and how much is it?"
      greenroom ask --batch questions.jsonl --json > decisions.jsonl
    """
    if (text is None) == (batch is None):
        err.print("Expected a question or --batch FILE, one of the two.")
        raise typer.Exit(USAGE)
    settings = settings_for(catalog, cache)
    if batch is not None:
        questions = list(_questions(batch))
        _ask_batch(_matcher(settings), questions, locale=locale)
        return
    before = Previous(previous or "", previous_intent)
    decision = asyncio.run(_decided(settings, text or "", locale=locale, before=before))
    if as_json:
        print_json(flat(decision))
    else:
        _show_decision(decision, verbose=verbose)
        if verbose and decision.outcome != "answer":
            print_lines([_documents_say(settings, text or "")])


def flat(decision: Decision) -> dict[str, Any]:
    """Flatten a decision to one object, with its receipt beside it."""
    receipt = decision.receipt
    return {
        "outcome": decision.outcome,
        "intent": decision.intent,
        "choices": decision.choices,
        "score": round(receipt.score, 4),
        "probability": round(receipt.probability, 4),
        "stage": receipt.stage,
        "latency_ms": round(receipt.latency_ms, 3),
        "receipt": receipt,
    }


async def _decided(settings: Settings, text: str, *, locale: str | None, before: Previous) -> Decision:
    catalog = open_catalog(settings)
    if not catalog.matching.second_look:
        matcher = await asyncio.to_thread(_matcher, settings)
        return await matcher.decide(text, locale=locale, previous=before)
    from app.runtime.wiring.second_looks import second_look_for  # noqa: PLC0415 - brings the whole studio

    async with second_look_for(settings, catalog) as looking:
        matcher = await asyncio.to_thread(_matcher, settings, looking)
        return await matcher.decide(text, locale=locale, previous=before)


def _matcher(settings: Settings, looking: SecondLook | None = None) -> Matcher:
    catalog = open_catalog(settings)
    with err.status("loading the encoder"):
        return build_matcher(settings, catalog, encoder_for(settings, catalog), second_look=looking)


def _documents_say(settings: Settings, text: str) -> str:
    from app.runtime.wiring.responders import open_documents  # noqa: PLC0415 - brings the whole studio

    catalog = open_catalog(settings)
    return open_documents(catalog, encoders_for(settings, catalog).plain).explain(text)


def _questions(path: Path) -> Iterator[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"expected a file of JSON lines, got {path} ({error}).") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _question(line, f"{path}:{number}")


def _question(line: str, place: str) -> str:
    try:
        text = json.loads(line)["text"]
    except (ValueError, KeyError, TypeError) as error:
        raise typer.BadParameter(f'{place}: expected {{"text": "..."}}, got {line[:80]!r}.') from error
    if not isinstance(text, str):
        raise typer.BadParameter(f"{place}: expected `text` to be a string, got {text!r}.")
    return text


def _ask_batch(matcher: Matcher, questions: list[str], *, locale: str | None) -> None:
    for start in range(0, len(questions), _BATCH):
        for decision in matcher.decide_many(questions[start : start + _BATCH], locale=locale):
            document = flat(decision)
            document.pop("receipt")
            print_json(document)


def _show_decision(decision: Decision, *, verbose: bool) -> None:
    colour = {"answer": "green", "clarify": "yellow", "miss": "red"}[decision.outcome]
    named = decision.intent or ", ".join(decision.choices) or "-"
    receipt = decision.receipt
    out.print(f"[{colour}]{decision.outcome}[/{colour}]  [bold]{named}[/bold]  ", end="")
    out.print(
        f"[dim]{receipt.stage}, probability {receipt.probability:.2f}, score {receipt.score:.2f}, "
        f"{receipt.latency_ms:.1f} ms[/dim]"
    )
    if verbose:
        print_lines(in_words(decision))
