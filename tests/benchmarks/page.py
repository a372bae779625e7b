"""Where a benchmark's figures go: a section between two marks, on a page that people write the rest of."""

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path


def put(page: Path, name: str, text: str, *, command: str, title: str) -> None:
    """Put the section `name` in its place, whatever else is on the page stays as it is."""
    start, end = f"<!-- {name}: written by {command} -->", f"<!-- {name}: end -->"
    section = f"{start}\n{text.strip()}\n{end}"
    page.parent.mkdir(parents=True, exist_ok=True)
    before = page.read_text(encoding="utf-8") if page.exists() else f"# {title}\n"
    place = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    after = place.sub(lambda _: section, before) if place.search(before) else f"{before.rstrip()}\n\n{section}\n"
    page.write_text(after, encoding="utf-8")


def taken(command: str, *, load: float) -> str:
    """When, on what and how busy a machine: how every section begins. `load` is of the minute before, in processes."""
    return (
        f"`{command}`, {datetime.now(UTC).date()}, Python {platform.python_version()}, {os.cpu_count()} cores "
        f"({platform.machine()}), load average before it {load:.1f}."
    )


def quantile(values: list[float], share: float) -> float:
    """The value that this share of them does not exceed; nan of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
