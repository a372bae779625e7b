"""Command `greenroom eval`: hit rates on held-out phrases and on tests.yaml, the promise, what to do."""

import asyncio
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import FAILED, PlainTable, err, out, plain, print_json
from app.cli.report import MARKS, at_most, curve_svg, plotted, report_html, stricter
from app.errors import StoreError
from app.matching.fit.catalog_tests import Evaluation, Result
from app.matching.fit.catalog_tests import evaluate as run_questions
from app.matching.fit.expected_rates import NOBODY, Confusable, IntentScore, ZoneShare
from app.matching.mix.refit import told
from app.matching.policy import Fitted
from app.matching.wilson_interval import Share
from app.runtime.commands.mixes import MixView, site_mix, traffic_told
from app.runtime.wiring.matcher_cache import build_matcher
from app.runtime.wiring.second_looks import usual_price
from app.runtime.wiring.store_and_encoder import encoder_for, open_catalog

_MOST = 8
"""Lines of a list on the terminal; `--json` and `--report` have all of them."""


def evaluate(
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FILE", help="Write the whole report to FILE.html, or only the curve to FILE.svg."
        ),
    ] = None,
    mix: Annotated[
        bool, typer.Option("--mix", help="Also show the promise over other mixes of questions, and your visitors'.")
    ] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate matching: hit rates, the promise, tests.yaml.

    Fits the policy from the catalog alone, asks every phrase while it is held out, and runs the questions of
    tests.yaml. Status 1 if more clips would be wrong than the catalog promises, or if a test fails.

    \b
    Examples:
      greenroom eval
      greenroom eval --report matching.html
      greenroom eval --mix
      greenroom eval --json
    """
    settings = settings_for(catalog, cache)
    opened = open_catalog(settings)
    with err.status("asking"):
        encoder = encoder_for(settings, opened)
        matcher = build_matcher(settings, opened, encoder)
        result = run_questions(opened.questions, matcher, promise=opened.matching.max_false_hit_rate)
    mixes = asyncio.run(site_mix(settings, opened, encoder, matcher)) if mix else None
    price = usual_price(settings, opened) if opened.matching.second_look else None
    if report is not None:
        _write(report, opened.name, result, matcher.fitted)
    if as_json:
        verdict = {"passed": result.passed, "promise_kept": result.kept, "failed": result.failed}
        print_json({**verdict, "second_look_usd": price, "mix": mixes, "fitted": matcher.fitted, **plain(result)})
    else:
        _show(result, matcher.fitted, price)
        _show_traffic(asyncio.run(traffic_told(settings)), mixes)
    if not result.passed:
        raise typer.Exit(FAILED)


def _write(path: Path, name: str, result: Evaluation, fitted: Fitted) -> None:
    picture = path.suffix.lower() == ".svg"
    text = curve_svg(result.held_out, result.promise) if picture else report_html(name, result, fitted)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"Cannot write the report to `{path}`: {error.strerror}. Name another file.") from error


def _show(result: Evaluation, fitted: Fitted, price: Decimal | None) -> None:
    held = result.held_out
    _heading(f"Held out: {held.questions} questions made from the catalog, each asked while it was held out")
    _metrics(
        ("right clip, of all", held.hit_rate),
        ("right clip, of those that have one", held.recall),
        ("wrong clip, of all", held.false_hit_rate),
        ("refused, of those nothing answers", held.refused),
        ("right one among the chips", held.chips),
        ("helped: clip or chip, of those that have one", held.helped),
        ("chips, of those nothing answers", held.needless_chips),
    )
    _heading("Right clips over wrong clips, of all questions")
    for line in plotted(held, result.promise):
        out.print(f"  {line}", markup=False)
    out.print(_curve_table(result))
    if why := stricter(held, result.promise, fitted.thresholds.answer):
        out.print(f"  {why}", markup=False, style="dim")
    if held.second_look:
        _heading("Second look")
        _lines(_zone(held.second_look, price))
    if held.worst:
        _heading("Intents whose phrases find them least")
        _lines(_scores(held.worst))
    if held.confusable:
        _heading("Taken for each other")
        _lines(_pairs(held.confusable), most=_MOST * 4)
    _heading(f"tests.yaml: {len(result.results)} questions")
    if result.results:
        _tests(result)
    _conclusion(result, fitted)


def _tests(result: Evaluation) -> None:
    _metrics(
        ("right clip, of all", result.hit_rate),
        ("right clip, of those that have one", result.recall),
        ("wrong clip, of all", result.false_hit_rate),
        ("refused, of those nothing answers", result.refused),
        ("right one among the chips", result.clarified),
        ("helped: clip or chip, of those that have one", result.helped),
        ("chips, of those nothing answers", result.needless_chips),
    )
    for one in result.results:
        if one.why:
            out.print(f"  {_kind(one):>20}  {one.ask}", markup=False)
            out.print(f"  {'':>20}  {one.why}", markup=False, style="dim")


def _kind(one: Result) -> str:
    return f"{one.kind} (allowed)" if one.ok else one.kind


def _conclusion(result: Evaluation, fitted: Fitted) -> None:
    out.print()
    out.print(f"Thresholds: {fitted.thresholds.source}.", markup=False, style="dim")
    for note in result.notes:
        out.print(f"Too little to be sure: {note}.", markup=False, style="yellow")
    verdict = "[green]kept[/green]" if result.kept else "[red]broken[/red]"
    measured = f"; measured {result.false_hit_rate.value:.1%}" if result.results else ""
    held = f"held out {result.held_out.false_hit_rate.value:.1%}"
    out.print(f"Promise {verdict}: at most {result.promise:.1%} wrong clips; {held}{measured}.")
    if result.failed:
        allowed = " (`may_miss: true` allows a question to be missed)" if result.kept else ""
        out.print(f"Tests [red]failed[/red]: {result.failed} of {len(result.results)}{allowed}.")
    elif result.results:
        out.print("Tests [green]passed[/green].")


def _heading(text: str) -> None:
    out.print()
    out.print(text, markup=False, style="bold")


def _metrics(*rows: tuple[str, Share]) -> None:
    table = PlainTable("", "share", "95 % interval")
    for name, share in rows:
        known = share.high - share.low < 1
        table.add_row(f"  {name}", f"{share.value:.1%}" if known else "-", _interval(share) if known else "none asked")
    out.print(table)


def _interval(share: Share) -> str:
    return f"{share.low:.1%} to {share.high:.1%}"


def _curve_table(result: Evaluation) -> PlainTable:
    table = PlainTable("  wrong, at most", "right", "probability needed")
    for limit in sorted({*MARKS, result.promise}):
        point = at_most(result.held_out.curve, limit)
        mark = "  ← promised" if limit == result.promise else ""
        shown = (f"{point.hit_rate:.1%}", f"{point.probability:.1%}{mark}") if point else ("0.0%", f"-{mark}")
        table.add_row(f"  {limit:.1%}", *shown)
    return table


def _show_traffic(last: str, mixes: MixView | None) -> None:
    """Show what the promise rests on at this site, and the curve over mixes if it was asked for."""
    out.print(f"Traffic: {last}.", markup=False)
    if mixes is None:
        return
    _heading("Right and wrong clips, of all questions, when so many of them are in the catalog")
    table = PlainTable("  in the catalog", "right", "wrong", "with limits that follow", "needed")
    for one in mixes.curve:
        followed = f"{one.right_followed:.0%} right, {one.wrong_followed:.1%} wrong"
        shares = f"{one.right:.0%}", f"{one.wrong:.1%}"
        table.add_row(f"  {one.answerable:.0%}", *shares, followed, f"{one.threshold:.0%}")
    out.print(table)
    _lines(iter([*told(mixes.report), *([mixes.report.alarm] if mixes.report.alarm else [])]))


def _zone(zone: ZoneShare, price: Decimal | None) -> Iterator[str]:
    yield f"asked from {zone.low:.0%} to {zone.high:.0%} sure: {zone.asked.value:.1%} of all questions"
    right, wrong = zone.assumed
    yield (
        f"expected to add {right * zone.right:.1%} right clips and {wrong * zone.wrong:.1%} wrong ones, if it says yes "
        f"to {right:.0%} of {zone.right:.1%} right candidates and to {wrong:.0%} of {zone.wrong:.1%} wrong ones"
    )
    if price is not None:
        yield f"costs about {price * Decimal(zone.asked.value) * 1000:.4f} USD for 1,000 questions, {price} a look"


def _scores(scores: Sequence[IntentScore]) -> Iterator[str]:
    for one in scores:
        yield f"{one.hits} of {one.questions} phrases  {one.intent}"


def _pairs(pairs: Sequence[Confusable]) -> Iterator[str]:
    for one in pairs:
        played = f", {one.played} would play" if one.played else ""
        meant = "Questions that nothing answers," if one.meant == NOBODY else one.meant
        yield f"{meant} taken for {one.taken_for}: {one.count}{played}"
        for example in one.examples[:2]:
            yield f"    “{example.question}” is drawn by “{example.phrase}”"
        yield f"    {one.advice}"


def _lines(lines: Iterator[str], *, most: int = _MOST) -> None:
    each = list(lines)
    for line in each[:most]:
        out.print(f"  {line}", markup=False)
    if len(each) > most:
        out.print("  … --json and --report have the rest.", style="dim")
