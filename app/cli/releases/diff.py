"""Command `greenroom diff`: what a folder changes against what is served."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from app.authoring.releases.diff import ClipBill, DiffReport, FactChange, IntentChange, WordChange
from app.authoring.releases.replay import Replay, ReplayedAnswer, ReplayedQuestion
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import FAILED, duration, err, money, out, print_json
from app.cli.releases.shown import SIGNS, show_files, with_publishing
from app.runtime.commands.releases.diff import QUESTIONS
from app.runtime.commands.releases.diff import diff as compare
from app.runtime.commands.releases.diff import diff_draft as compare_draft
from app.runtime.commands.releases.publishing import Publishing

_MEANS = {
    "wrong": "newly wrong",
    "silent": "newly silent",
    "otherwise": "another clip",
    "chips": "newly asked back",
    "answered": "newly answered",
    "right": "newly right",
}


def diff(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="The catalog's folder; the default is --catalog.")
    ] = None,
    against: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="A release; the default is the current one.")
    ] = None,
    questions: Annotated[
        int, typer.Option(min=0, max=10_000, help="Newest recorded turns to ask again; 0: no question at all.")
    ] = QUESTIONS,
    draft: Annotated[
        str | None, typer.Option("--draft", metavar="NAME", help="A draft instead of the folder: words alone.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Status 1 if a question is newly wrong or newly silent.")
    ] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a folder changes: words, facts, clips, seconds, money, and what visitors would get.

    The questions of tests.yaml and the newest recorded ones, equal ones once, are asked of both: which are newly
    right, wrong, silent or asked back. Nothing is written, and nothing is rendered.

    \b
    Examples:
      greenroom diff
      greenroom diff my-intents --against 12
      greenroom diff --questions 0
      greenroom diff --strict --json
    """
    settings = settings_for(folder or catalog, cache)

    async def compared(publishing: Publishing) -> DiffReport:
        if draft is not None:
            return await compare_draft(publishing, draft)
        return await compare(publishing, against=against, questions=questions)

    with err.status("comparing"):
        report = with_publishing(settings, compared)
    if as_json:
        print_json(report)
    else:
        show_report(report)
    if strict and report.replay and (report.replay.counts["wrong"] or report.replay.counts["silent"]):
        raise typer.Exit(FAILED)


def show_report(report: DiffReport) -> None:
    """Print a report for people."""
    before = f"release {report.against}" if report.against else "nothing: there is no release yet"
    if report.same:
        out.print(f"The folder is {before}.")
        return
    out.print(f"Against {before}: {_counted(len(report.files), 'file')}", style="bold", markup=False)
    show_files(report.files)
    for change in report.intents:
        _show_intent(change)
    _show_facts(report.facts)
    if report.settings:
        out.print("Settings", style="bold")
        _show_words(report.settings)
    if report.clips:
        _show_clips(report.clips)
    if report.replay:
        _show_replay(report.replay)


def _show_intent(change: IntentChange) -> None:
    out.print(f"{SIGNS[change.kind]} {change.id}", style="bold", markup=False)
    if change.kind == "changed":
        _show_words(change.words)
        return
    spoken = [one for one in change.words if one.key.startswith("answer.")]
    phrases = sum(one.key == "phrases" for one in change.words)
    _show_words(spoken)
    out.print(f"    {_counted(phrases, 'phrase')}", style="dim", markup=False)


def _show_words(words: Iterable[WordChange]) -> None:
    for one in words:
        place = f"{one.key} ({one.locale})" if one.locale else one.key
        for sign, text in (("-", one.before), ("+", one.after)):
            if text is not None:
                out.print(f"    {sign} {place}: {text}", markup=False)


def _show_facts(facts: Iterable[FactChange]) -> None:
    for at, one in enumerate(facts):
        if at == 0:
            out.print("Facts", style="bold")
        place = f"{one.name} ({one.locale})" if one.locale else one.name
        said = f"  said by {', '.join(one.intents)}" if one.intents else ""
        out.print(f"    {place}: {one.before or '(none)'} → {one.after or '(none)'}{said}", markup=False)


def _show_clips(bill: ClipBill) -> None:
    out.print("Clips", style="bold")
    for one in bill.clips:
        price = f"  {money(one.price, bill.currency)}" if one.action in {"new", "stale"} else ""
        length = f"  {duration(one.seconds)}" if one.seconds else ""
        out.print(f"    {one.action:>7}  {one.intent} ({one.locale}, {one.variant + 1}){length}{price}", markup=False)
    owed = f"; {_counted(bill.owed, 'clip')} of what is served not rendered either" if bill.owed else ""
    out.print(
        f"  {_counted(bill.filmed, 'clip')} to render, {duration(bill.seconds)}, {money(bill.price, bill.currency)}; "
        f"{bill.stored} stored already, {bill.dropped} dropped, {bill.refused} refused{owed}.",
        markup=False,
    )


def _show_replay(replay: Replay) -> None:
    out.print("Questions", style="bold")
    for one in replay.questions:
        _show_question(one)
    counts = ", ".join(f"{replay.counts[name]} {means}" for name, means in _MEANS.items() if replay.counts[name])
    out.print(
        f"  Of {replay.tests} in tests.yaml and {replay.visitors} of visitors': {counts or 'nothing changes'}.",
        markup=False,
    )


def _show_question(one: ReplayedQuestion) -> None:
    times = f" ({one.times} times)" if one.times > 1 else ""
    source = "tests.yaml" if one.source == "tests" else "visitors"
    out.print(f"    {_MEANS[one.verdict]:>16}  {one.ask}{times}  [{source}]", markup=False)
    out.print(f"    {'':>16}  {_got(one.before)} → {_got(one.after)}", style="dim", markup=False)


def _got(answer: ReplayedAnswer) -> str:
    if answer.outcome == "answer":
        return f"{answer.intent} ({answer.probability:.0%})"
    return f"chips: {', '.join(answer.choices)}" if answer.outcome == "clarify" else "nothing"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
