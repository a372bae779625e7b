"""The mistakes of an author's trial: `check` finds each at its line, in an author's words."""

from pathlib import Path

import pytest

from app.catalog.findings import Finding
from app.runtime.commands.check import check_catalog
from app.runtime.settings.site import Settings
from tests.check.mistakes import MISTAKES, Mistake
from tests.support.catalogs import write_catalog

PARSER = ("scanning", "parsing", "could not find", "did not find", "not allowed", "token", "block mapping", "scalar")
"""Words of a YAML parser, which mean nothing to an author."""


def untold(mistake: Mistake, folder: Path) -> str:
    """What is wrong with what `check` says; empty if it says it well."""
    root = write_catalog(folder, files=mistake.files, locales=list(mistake.locales))
    found = check_catalog(Settings(catalog=root, models_dir=folder), quick=mistake.quick, phrases=False).findings
    said = "; ".join(map(str, found)) or "nothing"
    if not mistake.rule:
        return said if found else ""
    if any(word in str(one) for one in found for word in PARSER):
        return f"a parser's words: {said}"
    return "" if any(_tells(one, mistake) for one in found) else said


def _tells(one: Finding, mistake: Mistake) -> bool:
    place = (one.rule, one.file, one.line)
    words = f"{one.message} {one.hint}"
    return place == (mistake.rule, mistake.file, mistake.line) and all(word in words for word in mistake.says)


@pytest.mark.parametrize("mistake", MISTAKES, ids=[f"{at}-row-{one.row}" for at, one in enumerate(MISTAKES)])
def test_each_mistake_is_told_at_its_line_in_an_authors_words(mistake: Mistake, tmp_path: Path):
    assert untold(mistake, tmp_path) == ""
