"""Report of `greenroom eval`: the curve of right clips over wrong ones, as text, SVG and HTML."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from app.matching.fit.catalog_tests import Evaluation
from app.matching.fit.expected_rates import NOBODY, Expected, Point
from app.matching.policy import Fitted
from app.matching.wilson_interval import Share

MARKS: Final = (0.005, 0.01, 0.02, 0.03, 0.05, 0.10)
"""Shares of wrong clips with a line in the table."""

WIDEST: Final = 0.10
"""Share of wrong clips at the right edge of a picture, unless the promise lies beyond."""

_COLUMNS: Final = 50
_ROWS: Final = 10


def at_most(curve: Sequence[Point], wrong: float) -> Point | None:
    """Find the point with the most right clips whose share of wrong ones is within a limit.

    None if there is none.
    """
    return max((one for one in curve if one.false_hit_rate <= wrong), key=lambda one: one.hit_rate, default=None)


def stricter(expected: Expected, promise: float, needed: float) -> str:
    """Explain an operating point that is more careful than the promise; empty if it is the promised one."""
    point = at_most(expected.curve, promise)
    if point is None or point.probability >= needed - 0.001:
        return ""
    return (
        f"The promise would allow {point.probability:.0%}, but an answer needs {needed:.0%}: below that "
        "nothing plays, whatever the promise."
    )


def right_edge(promise: float) -> float:
    """Share of wrong clips at the right edge of a picture."""
    return max(WIDEST, 2 * promise)


def plotted(expected: Expected, promise: float) -> list[str]:
    """Draw the curve as text: right clips upwards, wrong ones to the right, the promise as a vertical bar."""
    edge = right_edge(promise)
    limits = [edge * column / (_COLUMNS - 1) for column in range(_COLUMNS)]
    heights = [round(_ROWS * (point.hit_rate if (point := at_most(expected.curve, one)) else 0.0)) for one in limits]
    promised = min(range(_COLUMNS), key=lambda column: abs(limits[column] - promise))
    lines = []
    for row in range(_ROWS, -1, -1):
        cells = ["●" if height == row else "│" if at == promised else " " for at, height in enumerate(heights)]
        label = f"{row * 100 // _ROWS:>4} %" if row % 5 == 0 else " " * 6
        lines.append(f"{label} ┤{''.join(cells)}".rstrip())
    axis = "└" + "─" * _COLUMNS
    ends = f"{'0 %':<{promised}}{f'promise {promise:.1%}':<{_COLUMNS - promised - 4}}{edge:.0%}"
    return [*lines, f"{'':7}{axis}", f"{'':8}{ends}"]


_WIDTH: Final = 640
_HEIGHT: Final = 360
_LEFT, _TOP, _RIGHT, _BOTTOM = 60, 20, 620, 310

_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2321; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { text-align: left; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid #d5ddd9; vertical-align: top; }
.bad { color: #a3221b; } .good { color: #14613a; } svg { max-width: 100%; height: auto; }
@media (prefers-color-scheme: dark) { body { background: #121816; color: #e6ecea; } th, td { border-color: #33403b; }
.bad { color: #ff8f86; } .good { color: #6fd39d; } }
"""


def curve_svg(expected: Expected, promise: float) -> str:
    """Draw the curve as SVG: right clips upwards, wrong ones to the right, the promise as a dashed line."""
    edge = right_edge(promise)
    points = [(one.false_hit_rate, one.hit_rate) for one in expected.curve if one.false_hit_rate <= edge]
    path = " ".join(f"{_x(wrong, edge):.1f},{_y(right):.1f}" for wrong, right in [(0.0, 0.0), *points])
    promised = at_most(expected.curve, promise)
    dot = (
        f'<circle cx="{_x(promised.false_hit_rate, edge):.1f}" cy="{_y(promised.hit_rate):.1f}" r="6" fill="#0f7a5a"/>'
        if promised
        else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        'role="img" font-family="system-ui, sans-serif" font-size="13">'
        f"<title>Right clips over wrong clips; promised: at most {promise:.1%} wrong</title>"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>{"".join(_grid(edge))}'
        f'<line x1="{_x(promise, edge):.1f}" x2="{_x(promise, edge):.1f}" y1="{_TOP}" y2="{_BOTTOM}" stroke="#a3221b" '
        f'stroke-dasharray="5 4"/><text x="{_x(promise, edge) + 6:.1f}" y="{_BOTTOM - 8}" fill="#a3221b">promise '
        f'{promise:.1%}</text><polyline points="{path}" fill="none" stroke="#0f7a5a" stroke-width="2.5"/>{dot}'
        f'<text x="{(_LEFT + _RIGHT) / 2}" y="{_HEIGHT - 8}" text-anchor="middle" fill="#1c2321">wrong clips, of all '
        "questions</text></svg>\n"
    )


def report_html(name: str, result: Evaluation, fitted: Fitted) -> str:
    """Write the whole report as one HTML page."""
    held = result.held_out
    verdict = '<span class="good">kept</span>' if result.kept else '<span class="bad">broken</span>'
    failed = f'<span class="bad">{result.failed} failed</span>'
    tests = failed if result.failed else '<span class="good">passed</span>'
    body = [
        f"<h1>Matching: {escape(name)}</h1>",
        f"<p>Promise {verdict}: at most {result.promise:.1%} wrong clips. Tests: {tests}.</p>",
        *(f'<p class="bad">Too little to be sure: {escape(note)}.</p>' for note in result.notes),
        f"<p>Thresholds: {escape(fitted.thresholds.source)}.</p>",
        "<h2>Right clips over wrong clips</h2>",
        curve_svg(held, result.promise),
        _table(("wrong, at most", "right", "probability needed"), _curve_rows(result)),
        f"<p>{escape(stricter(held, result.promise, fitted.thresholds.answer))}</p>",
        "<h2>Metrics</h2>",
        _table(("", "held out", "95 % interval", "tests.yaml", "95 % interval"), _metric_rows(result)),
        "<h2>Intents whose phrases find them least</h2>",
        _table(("intent", "found", "phrases"), [(one.intent, str(one.hits), str(one.questions)) for one in held.worst]),
        "<h2>Taken for each other</h2>",
        _table(("meant", "taken for", "times", "would play", "for instance", "what to do"), _pair_rows(held)),
        "<h2>Questions of tests.yaml that got something else</h2>",
        _table(("question", "came", "why"), [(one.ask, one.kind, one.why) for one in result.results if one.why]),
    ]
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Matching: {escape(name)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>\n'
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _grid(edge: float) -> Iterable[str]:
    for tenth in range(0, 11, 2):
        y = _y(tenth / 10)
        yield f'<line x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d5ddd9"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#1c2321">{tenth * 10} %</text>'
    for step in range(6):
        x = _x(edge * step / 5, edge)
        label = f"{edge * step / 5:.1%}".replace(".0%", "%").replace("%", " %")
        yield f'<text x="{x:.1f}" y="{_BOTTOM + 18}" text-anchor="middle" fill="#1c2321">{label}</text>'


def _curve_rows(result: Evaluation) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for limit in sorted({*MARKS, result.promise}):
        point = at_most(result.held_out.curve, limit)
        right, needed = (f"{point.hit_rate:.1%}", f"{point.probability:.1%}") if point else ("0.0%", "-")
        rows.append((f"{limit:.1%}" + (" (promised)" if limit == result.promise else ""), right, needed))
    return rows


def _metric_rows(result: Evaluation) -> list[tuple[str, ...]]:
    held = result.held_out
    named = (
        ("right clip, of all", held.hit_rate, result.hit_rate),
        ("right clip, of those that have one", held.recall, result.recall),
        ("wrong clip, of all", held.false_hit_rate, result.false_hit_rate),
        ("refused, of those nothing answers", held.refused, result.refused),
        ("right one among the chips", held.chips, result.clarified),
        ("helped: clip or chip, of those that have one", held.helped, result.helped),
        ("chips, of those nothing answers", held.needless_chips, result.needless_chips),
    )
    return [(name, *_cells(one), *_cells(other)) for name, one, other in named]


def _cells(share: Share) -> tuple[str, str]:
    if share.high - share.low >= 1:
        return "-", "none asked"
    return f"{share.value:.1%}", f"{share.low:.1%} to {share.high:.1%}"


def _pair_rows(held: Expected) -> list[tuple[str, ...]]:
    return [
        (
            "nothing answers it" if one.meant == NOBODY else one.meant,
            one.taken_for,
            str(one.count),
            str(one.played),
            "; ".join(f"“{example.question}” is drawn by “{example.phrase}”" for example in one.examples),
            one.advice,
        )
        for one in held.confusable
    ]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>None.</p>"
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"


def _x(wrong: float, edge: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * wrong / edge


def _y(right: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * right
