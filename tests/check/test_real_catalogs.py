"""Catalogs as careful authors write them: `check` finds nothing in them, and is quick."""

import shutil
from pathlib import Path

import pytest

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
