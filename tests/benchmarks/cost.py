"""What a site costs a month, worked out from measured figures and named assumptions, into docs/benchmarks/cost.md.

python -m tests.benchmarks.cost [docs/benchmarks/cost.md]
"""

import argparse
import math
import re
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.page import put

PAGES = Path(__file__).parents[2] / "docs" / "benchmarks"
COMMAND = "make cost"
SITES = (1_000, 100_000, 1_000_000)
"""Visitors a day."""

_DAYS = 30


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of the page on scale: milliseconds of a core, KiB, and the share of a core that idle sessions keep."""

    written_ms: float
    other_words_ms: float
    arrival_ms: float
    session_kib: float
    idle_core: float
    """Cores that one idle session keeps busy."""


@dataclass(frozen=True, slots=True)
class Assumed:
    """Assumptions: visitors, a server's prices, a catalog. Dollars, and bytes in powers of ten."""

    visit_min: float = 4
    questions: float = 5
    busiest_hour: float = 0.12
    peak: float = 3
    written: float = 0.3
    other_words: float = 0.6
    other_ms: float = 6.0
    """A question that nothing answers, from documents."""
    fetched: float = 0.5
    clip_mb: float = 2.2
    """A clip of ten seconds, 720 lines, of the sample catalog."""
    small: float = 0.24
    """Bytes of a small rendition, as a share of the large one."""
    small_visitors: float = 0.5
    process_mb: float = 450
    core_month: float = 30
    gb: float = 0.04
    answers: int = 200
    answer_s: float = 10
    second: float = 0.06
    refilmed: float = 0.1
    """Share of the catalog that is filmed anew each month."""
    live_minutes: tuple[float, float] = (0.06, 0.20)
    live_on_a_gpu: int = 3
    gpu_month: float = 400


@dataclass(frozen=True, slots=True)
class SiteCost:
    """One size of a site. Cores half busy at the peak; dollars a month."""

    visitors: int
    at_once: float
    cores: float
    memory_gb: float
    traffic_tb: float
    servers: float
    traffic: float
    films: float
    live: tuple[float, float]
    gpus: int

    @property
    def total(self) -> float:
        """Return the dollars of a month."""
        return self.servers + self.traffic + self.films


def measured(scale: str) -> Measured:
    """Read the figures off the page that `make bench-scale` writes."""
    a_second = {row[0]: float(row[3].replace(",", "")) for row in _rows(scale, "asked")}
    (idle,) = _rows(scale, "idle")
    (storm,) = _rows(scale, "storm")
    return Measured(
        written_ms=1000 / a_second["as written, at 1,000 a second"],
        other_words_ms=1000 / a_second["other words, at half that pace"],
        arrival_ms=float(storm[6]),
        session_kib=float(idle[1]),
        idle_core=float(idle[3].rstrip("%")) / 100 / float(idle[0].replace(",", "")),
    )


def _rows(page: str, name: str) -> list[list[str]]:
    section = re.search(rf"<!-- {name}: written by .*?-->(.*?)<!-- {name}: end -->", page, re.DOTALL)
    assert section, f"the page has no section {name}"
    lines = [line for line in section[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def cost(visitors: int, figures: Measured, given: Assumed) -> SiteCost:
    """Return what a site of so many visitors a day takes."""
    arrivals = given.peak * given.busiest_hour * visitors / 3600
    at_once = arrivals * given.visit_min * 60
    none = 1 - given.written - given.other_words
    question_ms = (
        given.written * figures.written_ms + given.other_words * figures.other_words_ms + none * given.other_ms
    )
    busy = arrivals * (given.questions * question_ms + figures.arrival_ms) / 1000 + at_once * figures.idle_core
    cores = 2 * busy
    nodes = max(1, math.ceil(cores)) + (1 if visitors > SITES[0] else 0)
    of_a_clip = given.clip_mb * (1 - given.small_visitors * (1 - given.small))
    traffic_gb = visitors * _DAYS * (1 + given.questions * given.fetched) * of_a_clip / 1000
    minutes = visitors * _DAYS * given.visit_min
    return SiteCost(
        visitors=visitors,
        at_once=at_once,
        cores=cores,
        memory_gb=(nodes * given.process_mb + at_once * figures.session_kib / 1024) / 1000,
        traffic_tb=traffic_gb / 1000,
        servers=nodes * given.core_month,
        traffic=traffic_gb * given.gb,
        films=given.answers * given.answer_s * given.second * given.refilmed,
        live=(minutes * given.live_minutes[0], minutes * given.live_minutes[1]),
        gpus=math.ceil(at_once / given.live_on_a_gpu),
    )


def table(found: list[SiteCost], figures: Measured, given: Assumed) -> str:
    """Return the tables."""
    filmed = given.answers * given.answer_s * given.second
    small = f"{given.small_visitors:.0%} of the visitors get the small rendition, {given.small:.0%} of the bytes"
    rows = {
        "visitors a day": [f"{one.visitors:,}" for one in found],
        "visitors at once, at the peak": [f"{one.at_once:,.0f}" for one in found],
        "cores, half busy at the peak": [_short(one.cores) for one in found],
        "memory of all nodes, GB": [f"{one.memory_gb:.1f}" for one in found],
        "clips from bucket or CDN a month, TB": [_short(one.traffic_tb) for one in found],
        "servers, USD a month": [f"{one.servers:,.0f}" for one in found],
        "traffic, USD a month": [f"{one.traffic:,.0f}" for one in found],
        "clips filmed anew, USD a month": [f"{one.films:,.0f}" for one in found],
        "**together, USD a month**": [f"**{one.total:,.0f}**" for one in found],
        "live avatars for the same visits, USD a month": [f"{one.live[0]:,.0f} to {one.live[1]:,.0f}" for one in found],
        "GPU nodes for live avatars of one's own": [f"{one.gpus:,}" for one in found],
        "those nodes, USD a month": [f"{one.gpus * given.gpu_month:,.0f}" for one in found],
    }
    head, *rest = [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]
    per_core = found[-1].at_once / found[-1].cores
    low, high = given.live_minutes
    return f"""{head}
|---|{"--:|" * len(found)}
{chr(10).join(rest)}

Filming the catalog once costs {filmed:,.0f} USD more. At the peak a half busy core has {per_core:,.0f} visitors; a GPU
node that renders live has {given.live_on_a_gpu}.

| assumed | |
|---|---|
| a visit | {given.visit_min:g} minutes, {given.questions:g} questions; {given.busiest_hour:.0%} of a day's in the busiest hour, its peak {given.peak:g} times as many |
| questions | {given.written:.0%} as written or by chip ({figures.written_ms:.1f} ms of a core each), {given.other_words:.0%} in other words ({figures.other_words_ms:.1f} ms), the rest from documents ({given.other_ms:g} ms) |
| an arrival, an idle visitor | {figures.arrival_ms:.1f} ms of a core; {figures.session_kib:.0f} KiB and {figures.idle_core * 1e6:.0f} millionths of a core |
| clips | {given.clip_mb:g} MB each, ten seconds of 720 lines; {given.fetched:.0%} of the answers come over the line, beside one greeting; {small} |
| a server | {given.core_month:g} USD a core and month with 4 GB; one node more than needed from 100,000 a day on; database and bucket on it |
| traffic | {given.gb:g} USD a GB, as a CDN asks |
| a catalog | {given.answers} answers of {given.answer_s:g} s at {given.second:g} USD a second (a standard tier); {given.refilmed:.0%} filmed anew each month; the local renderer asks nothing |
| new answers | words, no clip: what they may cost is [a cap](../reference/settings.md) |
| a live minute | {low:.2f} to {high:.2f} USD: list prices of 2026-11 (Keyframe .06, Telnyx .08, Beyond Presence EUR .10 to .175) |
| a GPU of one's own | {given.live_on_a_gpu} visitors at once on one RTX 4090, {given.gpu_month:g} USD a month; users of LiveTalking report two or three before pictures stutter (its issues 535 and 546) |
"""  # noqa: E501 - a table's row is a line


def _short(number: float) -> str:
    """Return two figures, never an exponent."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.2g}"


def written(scale: str) -> str:
    """Return the whole section."""
    figures, given = measured(scale), Assumed()
    found = [cost(visitors, figures, given) for visitors in SITES]
    return table(found, figures, given)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path, nargs="?", default=PAGES / "cost.md")
    asked = parser.parse_args()
    text = written((PAGES / "scale.md").read_text(encoding="utf-8"))
    put(asked.page, "cost", text, command=COMMAND, title="What a site costs")


if __name__ == "__main__":
    main()
