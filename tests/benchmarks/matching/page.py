"""The section of `docs/benchmarks.md`, written from what was measured."""

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

START, END = "<!-- matching: written by make bench-matching -->", "<!-- matching: end -->"

Parts = Mapping[str, Mapping[str, Any]]


def write(page: Path, parts: Parts, examples: Sequence[int]) -> None:
    """Replace what stands between the marks, or add it at the end."""
    old = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
    before, _, rest = old.partition(START)
    after = rest.partition(END)[2]
    section = "\n\n".join(
        [_heading(parts), *(_shares(parts, number) for number in examples), *_slips(parts), *_speed(parts)]
    )
    page.write_text(f"{before.rstrip()}\n\n{START}\n{section}\n{END}\n{after.lstrip()}", encoding="utf-8")


def _heading(parts: Parts) -> str:
    made = ", ".join(f"{name} {part['made']}" for name, part in parts.items())
    rival = parts.get("others", {}).get("rival")
    ran = f"{rival} was run itself, with its own local encoder on the same model" if rival else "none was run itself"
    return f"""## Matching

`make bench-matching` ({made}), Python {platform.python_version()}, {os.cpu_count()} cores ({platform.machine()}), \
encoder {parts.get("plain", {}).get("encoder", "not measured")}.

CLINC150 (CC BY 3.0): 150 intents, 4,500 questions in scope and 1,000 out of scope. Shares are of all 5,500 questions, \
but for "refused" and "chips to unanswerable", which are of the 1,000, and "helped", which is of the 4,500: a right \
clip, or the right intent among the chips. A perfect matcher plays 81.8 % right. No rule saw a validation split: \
Greenroom's policy, and its tuning, are fitted from the example phrases alone.

Of the others, {ran}. The rules are written out by hand (`tests/benchmarks/matching/rules.py`) and run on the vectors \
that Greenroom uses, so a package's own thresholds and overheads may differ. "In hindsight": the threshold is chosen \
on the test questions themselves, so that 2 % of all are wrong; it shows how well a score separates, not what anybody \
would get. "Wrong of 1,000 at half playing" compares all at the same coverage: each plays the half of the questions \
that it is surest of."""


def _shares(parts: Parts, examples: int) -> str:
    heads = (
        "rule",
        "plays",
        "right clip",
        "**wrong clip**",
        "out of scope refused",
        "helped",
        "chips to unanswerable",
        "wrong of 1,000 at half playing",
        "right at 2 % wrong, in hindsight",
    )
    lines = [f"### {examples} examples an intent", "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name in ("plain", "tuned", "large", "others"):
        for one in parts.get(name, {}).get(str(examples), ()):
            names = ("plays", "right", "wrong", "refused", "helped", "needless", "wrong_at_half", "at_two")
            lines.append(f"| {' | '.join([one['system'], *(_cell(one, name) for name in names)])} |")
    key = f"said {examples}"
    told = [parts[name] for name in ("tuned", "large") if key in parts.get(name, {})]
    return "\n\n".join(["\n".join(lines), *(f"{one['encoder'].partition('@')[0]}: {one[key]}" for one in told)])


def _cell(row: Mapping[str, Any], name: str) -> str:
    """One figure; a part that was measured before there was such a column has a dash."""
    if name not in row:
        return "-"
    if row[name] is None:
        return "none"
    return f"{row[name]:.0f}" if name == "wrong_at_half" else f"{row[name]:.1%}"


def _slips(parts: Parts) -> list[str]:
    if not (found := parts.get("slips")):
        return []
    lines = ["| slips | right intent first | right clip | wrong clip |", "|---|---|---|---|"]
    for count in ("0", "1", "2"):
        one = found[count]
        lines.append(f"| {count} | {one['first']:.1%} | {one['right']:.1%} | {one['wrong']:.1%} |")
    return [
        f"### Mistyped questions\n\nShares of {found['questions']} answerable questions, 10 examples an intent. "
        "A slip is a letter dropped, doubled, swapped or hit beside, in a word of four letters or more.\n\n"
        + "\n".join(lines)
        + f"\n\nOf the {found['clean']:,} questions as they are, {found['read']} are read otherwise than typed."
    ]


def _speed(parts: Parts) -> list[str]:
    if not (found := parts.get("speed")):
        return []
    ours = found["decisions"]["Greenroom"]["p50"]
    lines = ["| | p50 ms | p95 ms | Greenroom takes |", "|---|---|---|---|"]
    for name, ms in found["decisions"].items():
        share = "" if name == "Greenroom" else f"{ours / ms['p50']:.0%} of it"
        lines.append(f"| {name} | {ms['p50']:.1f} | {ms['p95']:.1f} | {share} |")
    exact = found["exact"]
    lines.append(f"| Greenroom, a phrase word for word | {exact['p50']:.2f} | {exact['p95']:.2f} | |")
    load = ["| at once | decisions a second | p50 ms | p95 ms |", "|---|---|---|---|"]
    load += [
        f"| {n} | {one['a_second']:.0f} | {one['p50']:.1f} | {one['p95']:.1f} |" for n, one in found["load"].items()
    ]
    alone = "### Time of a whole decision\n\nOne at a time, among 1,500 phrases of 150 intents, in turns:\n\n"
    at_once = "### Many at once\n\nEach asks again as soon as it is answered; one process:\n\n"
    return [alone + "\n".join(lines), at_once + "\n".join(load), _build(found["build"])]


def _build(build: Mapping[str, Any]) -> str:
    asked, pauses = build["decisions"], build["pauses"]
    return f"""### While another catalog is made ready

A matcher of 150 intents was encoded, grown and fitted in the background in {build["seconds"]:.1f} s, nothing of it \
kept from before. Meanwhile four visitors asked: p50 {asked["p50"]:.1f} ms, p95 {asked["p95"]:.1f} ms. The event \
loop's longest pause was {pauses["max"]:.0f} ms (p95 {pauses["p95"]:.1f} ms)."""
