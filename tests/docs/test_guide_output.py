"""The guide's outputs are what its commands print to a reader who follows it, figures apart."""

import re
import shutil
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.support.sites import Site

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")

FIGURE = re.compile(r"\d+([.,]\d+)*")
"""Counts, seconds and shares: they are another machine's or another day's."""

CUT = "…"

CURVE = "┤"
"""Lines of a picture, whose points are figures too."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A reader's own copy of the sample, with the two clips filmed that the guide changes."""
    folder = tmp_path_factory.mktemp("guide")
    shutil.copytree(ROOT / "intents", folder / "intents")
    site = Site(folder)
    filmed = site.run("warm", "--only", "ticket-prices", timeout_s=900)
    assert filmed.returncode == 0, filmed.stderr
    return site


def test_what_the_guide_shows_is_what_is_printed(reader: Site) -> None:
    """One reader, step by step: each is told what the guide says he is told."""
    boat, prices = reader.catalog / "visiting" / "boat-landing.yaml", reader.catalog / "facts.yaml"
    _is_shown("ok   catalog", reader, ("doctor",))

    boat.write_text(_file("title: Arriving by boat"), encoding="utf-8")
    _is_shown("answer  boat-landing", reader, ("check",), ("plan",), ("ask", "may I moor my boat"))

    _replace(prices, "en: twelve euros", "en: thirteen euros")
    _is_shown(" ~ ticket-prices", reader, ("plan",))
    _replace(prices, "en: thirteen euros", "en: twelve euros")

    boat.write_text(boat.read_text(encoding="utf-8") + _file("not_phrases:"), encoding="utf-8")
    _is_shown("miss  -  embedding", reader, ("ask", "-v", "Do you hire out boats"))
    _is_shown("answer  opening-hours", reader, ("ask", "and on Sundays?", "--previous", "when are you open"))
    _is_shown("Held out:", reader, ("eval",))

    boat.write_text(boat.read_text(encoding="utf-8") + "next: [getting-heer]\n", encoding="utf-8")
    _is_shown("Did you mean `getting-here`?", reader, ("check",))


def _file(beginning: str) -> str:
    """The file, or the part of one, that the guide tells to write."""
    [found] = [text for text in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL) if text.startswith(beginning)]
    return found


def _replace(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def _is_shown(mark: str, site: Site, *commands: tuple[str, ...]) -> None:
    """Every line of the output that has this mark was printed; a cut line as far as it goes."""
    [shown] = [text for text in re.findall(r"```text\n(.*?)```", GUIDE, re.DOTALL) if mark in text]
    told = "".join(site.run(*command).stdout for command in commands)
    told = told.replace(f"{site.root}/", "").replace(str(Path.home()), "~")
    printed = {_plain(line) for line in told.splitlines()}
    missing = [
        line
        for line in shown.splitlines()
        if line.strip() not in ("", CUT)
        and CURVE not in line
        and not any(one.startswith(_plain(line).removesuffix(CUT)) for one in printed)
    ]
    assert missing == [], told


def _plain(line: str) -> str:
    return FIGURE.sub("0", " ".join(line.split()))
