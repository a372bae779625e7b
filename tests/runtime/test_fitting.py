"""A fitted policy is kept, found again, made anew when it is broken, and never in the way."""

from pathlib import Path

import pytest

from app.adapters.encoder import HashingEncoder
from app.adapters.files.loader import load_or_raise
from app.catalog.model import Catalog
from app.matching.fitting import Fitted
from app.runtime.fitting import build_matcher
from app.runtime.settings import Settings
from tests.support.catalogs import write_catalog


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return load_or_raise(write_catalog(tmp_path))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(models_dir=tmp_path / "models")


def kept(settings: Settings) -> list[Path]:
    return sorted((settings.models_dir / "fitted").iterdir())


def mark(path: Path) -> None:
    """Make a kept policy known again: whoever uses it has not fitted."""
    path.write_text(Fitted.from_json(path.read_text()).model_copy(update={"notes": ("kept",)}).to_json())


def test_the_second_build_does_not_fit_again(catalog, settings):
    build_matcher(settings, catalog, HashingEncoder())
    mark(kept(settings)[0])

    assert build_matcher(settings, catalog, HashingEncoder()).fitted.notes == ("kept",)


def test_another_encoder_or_catalog_is_fitted_by_itself(catalog, settings, tmp_path):
    other = load_or_raise(write_catalog(tmp_path / "other", name="Another desk"))
    build_matcher(settings, catalog, HashingEncoder())
    mark(kept(settings)[0])

    by_encoder = build_matcher(settings, catalog, HashingEncoder(dimensions=128))
    by_catalog = build_matcher(settings, other, HashingEncoder())

    assert "kept" not in by_encoder.fitted.notes + by_catalog.fitted.notes
    assert len(kept(settings)) == 3


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\xff\xfe", b'{"catalog": 1}'])
def test_a_broken_file_is_replaced(catalog, settings, content):
    first = build_matcher(settings, catalog, HashingEncoder())
    kept(settings)[0].write_bytes(content)

    second = build_matcher(settings, catalog, HashingEncoder())

    assert second.fitted == first.fitted
    assert Fitted.from_json(kept(settings)[0].read_text()) == first.fitted


@pytest.mark.parametrize("made", ["file", "link"])
def test_a_folder_that_cannot_be_written_costs_a_fit_only(catalog, settings, made):
    if made == "file":
        settings.models_dir.write_text("no folder")
    else:
        settings.models_dir.symlink_to("/proc/nowhere")

    assert build_matcher(settings, catalog, HashingEncoder()).fitted
