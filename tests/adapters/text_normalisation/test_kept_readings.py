"""Readings of a catalog are kept from one process to the next; nobody else's are, and nothing is read otherwise."""

import json

import pytest

from app.adapters.text_normalisation import kept_readings
from app.adapters.text_normalisation.kept_readings import KeptReadings
from app.adapters.text_normalisation.normaliser import GrammarNormaliser

TEXTS = [
    ("Tickets are €12.50.", "en"),
    ("Um 10:30 Uhr, 8 €.", "de"),
    ("Call 030 555 0142.", "en"),
    ("No figures.", "en"),
]


class NoGrammar:
    """Fails if anything is read anew."""

    def segments(self, text, locale):
        raise AssertionError((text, locale))


def read_for_a_catalog(readings):
    with readings.of_catalog():
        return [readings.segments(text, locale) for text, locale in TEXTS]


def kept_texts(folder):
    (file,) = folder.iterdir()
    return {text for _, text, _ in json.loads(file.read_text(encoding="utf-8"))}


def test_the_next_process_reads_the_same_without_the_grammars(tmp_path):
    first = read_for_a_catalog(KeptReadings(tmp_path))
    again = KeptReadings(tmp_path)
    again._inner = NoGrammar()

    assert read_for_a_catalog(again) == first == [GrammarNormaliser().segments(*one) for one in TEXTS]


def test_only_what_a_catalog_says_is_kept(tmp_path):
    readings = KeptReadings(tmp_path)
    readings.segments("My number is 0171 234567.", "en")
    read_for_a_catalog(readings)
    readings.segments("I am 47 years old.", "en")

    assert kept_texts(tmp_path) == {text for text, _ in TEXTS[:3]}


@pytest.mark.parametrize("damage", [b"", b"{", b"[[1]]", b'[["en", "Tickets are \xe2\x82\xac12.50.", [["x", "y"]]]]'])
def test_a_damaged_file_is_as_none(tmp_path, damage):
    first = read_for_a_catalog(KeptReadings(tmp_path))
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)

    assert read_for_a_catalog(KeptReadings(tmp_path)) == first
    assert kept_texts(tmp_path) == {text for text, _ in TEXTS[:3]}


def test_other_rules_read_anew(tmp_path, monkeypatch):
    read_for_a_catalog(KeptReadings(tmp_path))
    monkeypatch.setattr(kept_readings, "_rules", lambda: "0" * 64)
    read_for_a_catalog(KeptReadings(tmp_path))

    assert len(list(tmp_path.iterdir())) == 2


def test_what_no_catalog_asked_for_lately_goes_first(tmp_path, monkeypatch):
    read_for_a_catalog(KeptReadings(tmp_path))
    monkeypatch.setattr(kept_readings, "_MOST", 2)
    later = KeptReadings(tmp_path)
    with later.of_catalog():
        later.segments("Room 12.", "en")

    assert "Room 12." in kept_texts(tmp_path)
    assert len(kept_texts(tmp_path)) == 2


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path):
    (tmp_path / "file").write_text("")

    assert read_for_a_catalog(KeptReadings(tmp_path / "file" / "folder"))[0][0].written
