"""Links lead somewhere, named files exist, pictures are there and small."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.support.screenshots import MOST_BYTES, SHOTS

PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {".venv", "cache", "node_modules", "build"} & set(path.relative_to(ROOT).parts)
    and not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)
NAMES = [str(path.relative_to(ROOT)) for path in PAGES]
FOLDERS = {"app", "docs", "tests", "intents", "cache", ".ci"}
MADE_LATER = re.compile(r"boat-landing|holding-desk\.yaml|[<>{}*…]")
"""Files that a reader is told to make, and patterns."""


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_links_lead_somewhere(path: Path) -> None:
    text = _prose(path.read_text())
    targets = re.findall(r"\]\(([^)\s]+)\)", text)

    broken = [target for target in targets if not _leads_somewhere(path, target)]

    assert broken == []


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_files_named_in_the_text_exist(path: Path) -> None:
    named = set(re.findall(r"`([\w.-]+(?:/[\w.<>*…{}-]+)+/?)`", _prose(path.read_text())))
    ours = [name for name in named if name.split("/")[0] in FOLDERS and not MADE_LATER.search(name)]

    assert [name for name in sorted(ours) if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_a_picture_has_its_size(shot) -> None:
    picture = ROOT / "docs" / "images" / f"{shot.name}.png"

    assert picture.stat().st_size <= MOST_BYTES


def _leads_somewhere(page: Path, target: str) -> bool:
    if target.startswith(("https://", "http://", "mailto:")):
        return True
    file, _, anchor = target.partition("#")
    found = (page.parent / file).resolve() if file else page
    return found.exists() and (not anchor or found.suffix != ".md" or anchor in _anchors(found.read_text()))


def _anchors(text: str) -> set[str]:
    """Heading anchors as GitHub makes them."""
    anchors: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.+)$", _prose(text), re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        numbered = (f"{plain}-{count}" if count else plain for count in range(100))
        anchors.add(next(name for name in numbered if name not in anchors))
    return anchors


def _prose(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
