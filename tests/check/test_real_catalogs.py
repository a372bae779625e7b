"""Catalogs as careful authors write them: `check` finds nothing in them, and is quick."""

import re
import shutil
from pathlib import Path

import pytest

from app.adapters.catalog_files.loader import load_or_raise
from app.catalog.findings import Finding
from app.runtime.commands.check import check_catalog
from app.runtime.settings.site import Settings

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "intents"
WRITTEN = ROOT / "tests" / "data" / "catalogs"


def found(folder: Path) -> tuple[Finding, ...]:
    return check_catalog(Settings(catalog=folder), quick=True).findings


def test_nothing_is_found_in_the_sample_catalog():
    assert found(SAMPLE) == ()


def test_answers_of_the_sample_catalog_are_right_in_each_language():
    intents = load_or_raise(SAMPLE).intents
    spanish = [text for intent in intents for text in intent.answer.get("es", ())]
    weekdays = [intent for intent in intents if any("weekday" in text.lower() for text in intent.answer.get("en", ()))]
    german = [text for intent in weekdays for text in intent.answer.get("de", ())]

    assert len(german) > 1
    assert [text for text in spanish if re.search(r"\b(?:a|de) el [a-záéíóúñ]", text)] == []
    assert [text for text in german if "werktag" in text.lower()] == []  # Saturday is one


@pytest.mark.parametrize(
    ("name", "portrait", "least"), [("dental-practice", "jule", 30), ("municipal-library", "nora", 30)]
)
def test_nothing_is_found_in_a_catalog_in_two_languages(tmp_path: Path, name: str, portrait: str, least: int):
    folder = tmp_path / name
    shutil.copytree(WRITTEN / name, folder)
    shutil.copy(SAMPLE / "avatars" / "mira.png", folder / "avatars" / f"{portrait}.png")

    checked = check_catalog(Settings(catalog=folder), quick=True)

    assert checked.findings == ()
    assert checked.catalog is not None
    assert len([one for one in checked.catalog.intents if one.starter is None]) >= least
