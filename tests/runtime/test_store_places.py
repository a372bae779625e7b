from pathlib import Path

import pytest

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.s3.blobs import ObjectBlobStore
from app.errors import SettingsError
from app.runtime.settings.site import load_settings
from app.runtime.wiring.store_and_encoder import folder_at, open_store, open_store_at


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_path_is_a_folder_with_or_without_a_scheme(tmp_path):
    for place in ("clips", f"file://{tmp_path}/clips"):
        assert isinstance(open_store_at(place).blobs, DiskBlobStore)
        assert (folder_at(place) or Path()).absolute() == tmp_path / "clips"


def test_a_bucket_is_opened_by_its_scheme():
    assert isinstance(open_store_at("s3://clips/museum").blobs, ObjectBlobStore)
    assert folder_at("s3://clips/museum") is None


@pytest.mark.parametrize("place", ["gs://clips", "ftp://somewhere/clips", "https://cdn.example", "://clips"])
def test_an_unknown_scheme_is_refused_with_those_that_are_known(place: str, tmp_path):
    with pytest.raises(SettingsError, match="file://, s3://"):
        open_store(load_settings(cache=place))

    assert list(tmp_path.iterdir()) == []


def test_work_in_progress_lies_in_the_folder_that_a_scheme_names(tmp_path):
    assert load_settings(cache=f"file://{tmp_path}/clips").scratch == tmp_path / "clips" / "scratch"
