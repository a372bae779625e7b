"""The matching page names every guard and stage, and the numbers of the code."""

import re

from app.matching import lexical
from app.matching.decision import Stage
from app.matching.fit import thresholds
from tests.docs.pages import ROOT, first_cells, page, section

PAGE = page("matching.md")
ANSWERS = page("answers.md")


def test_every_guard_is_explained() -> None:
    files = (path for path in (ROOT / "app" / "matching").rglob("*.py") if path.parent.name != "passages")
    code = "\n".join(path.read_text() for path in files)

    assert first_cells(section(PAGE, "Stages")) == set(re.findall(r'guard="([^"]+)"', code))


def test_every_check_of_the_documents_is_explained() -> None:
    code = (ROOT / "app" / "matching" / "passages" / "checks.py").read_text()

    assert first_cells(section(ANSWERS, "Quotations")) == set(re.findall(r'guard="([^"]+)"', code))


def test_every_stage_is_named() -> None:
    assert [stage for stage in Stage.__args__ if f"`{stage}`" not in PAGE] == []  # type: ignore[attr-defined]


def test_numbers_are_those_of_the_code() -> None:
    flat = " ".join(PAGE.split())

    assert f"at least {lexical.NEAR_RATIO:g} of 100 alike" in flat
    assert f"less than {thresholds.FLOOR:.0%} likely".replace("%", " %") in flat
    assert f"{thresholds.FAR:.0%} of the traffic".replace("%", " %") in flat
