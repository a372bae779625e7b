"""Facts with a shown and a spoken form, and pronunciations of a catalog."""

from pathlib import Path
from typing import Any

import pytest

from app.adapters.catalog_files.loader import LoadResult, load_catalog
from app.catalog.facts import Facts, read_facts
from app.catalog.findings import Complaint, Finding
from app.catalog.lint import lint
from app.catalog.model import Avatar
from app.catalog.spoken.lexicon import PronunciationLexicon
from tests.catalog.test_lint import HOURS, TODAY, changed
from tests.support.catalogs import FILES, write_catalog


def read(data: object) -> tuple[Facts, tuple[Complaint, ...]]:
    return read_facts(data, written={}, locales=("en", "de"), default_locale="en")


def test_a_fact_has_a_shown_and_a_spoken_form():
    facts, complaints = read(
        {"phone": {"shown": "030 555", "spoken": "zero three zero"}, "x": {"y": {"shown": "B2", "spoken": "bee two"}}}
    )
    assert complaints == ()
    assert (facts.text("phone", "de"), facts.text("x.y", "en")) == ("030 555", "B2")
    assert facts.spoken == {"": {"030 555": "zero three zero", "B2": "bee two"}}


@pytest.mark.parametrize(
    "value",
    [
        {"en": {"shown": "Hall 2", "spoken": "hall two"}, "de": {"shown": "Saal 2", "spoken": "Saal zwo"}},
        {"shown": {"en": "Hall 2", "de": "Saal 2"}, "spoken": {"en": "hall two", "de": "Saal zwo"}},
    ],
    ids=["both per locale", "each per locale"],
)
def test_forms_per_locale(value):
    facts, complaints = read({"hall": value})
    assert complaints == ()
    assert (facts.text("hall", "en"), facts.text("hall", "de")) == ("Hall 2", "Saal 2")
    assert facts.spoken == {"en": {"Hall 2": "hall two"}, "de": {"Saal 2": "Saal zwo"}}


def test_one_shown_form_is_said_in_each_locale_in_its_way():
    facts, complaints = read({"phone": {"shown": "116 117", "spoken": {"en": "one one six", "de": "eins eins sechs"}}})
    assert complaints == ()
    assert facts.text("phone", "de") == "116 117"
    assert facts.spoken == {"en": {"116 117": "one one six"}, "de": {"116 117": "eins eins sechs"}}


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"shown": "5"}, ("a",)),
        ({"spoken": "five"}, ("a",)),
        ({"shown": "5", "spoken": "five", "more": "x"}, ("a",)),
        ({"shown": "5", "spoken": ""}, ("a", "spoken")),
        ({"shown": "", "spoken": "five"}, ("a", "shown")),
    ],
)
def test_half_a_pair_is_a_finding(value, path):
    _, complaints = read({"a": value})
    assert [(one.rule, one.path) for one in complaints] == [("fact-value", path)]


def catalog(folder: Path, answer: object = None, **changes: Any) -> LoadResult:
    """Load a catalog; `answer` is that of the opening hours."""
    files = {**changed(HOURS, answer=answer), **changes.pop("files", {})} if answer else changes.pop("files", {})
    loaded = load_catalog(write_catalog(folder, files=files, **changes))
    assert loaded.catalog is not None, loaded.findings
    return loaded


def two_ways(loaded: LoadResult) -> list[Finding]:
    assert loaded.catalog is not None
    found = lint(loaded.catalog, today=TODAY, places=loaded.places)
    return [one for one in found if one.rule == "spoken-two-ways"]


def test_the_avatar_knows_the_catalogs_pronunciations(tmp_path: Path):
    facts = {**FILES["facts.yaml"], "phone": {"shown": "116 117", "spoken": "double one six"}}
    said = {"Siobhan": "shi-vawn", "Nguyen": {"en": "/nwɪn/"}}
    answer = {"en": "Call {{ facts.phone }}, from {{ facts.opening_hours }}, ask for Siobhan."}
    loaded = catalog(tmp_path, answer, files={"facts.yaml": facts}, pronounce=said)
    avatar = loaded.catalog.avatar
    assert avatar.pronounce == {"": {"116 117": "double one six", "Siobhan": "shi-vawn"}, "en": {"Nguyen": "/nwɪn/"}}
    segments = PronunciationLexicon.of(avatar, "en-GB").segments("Call 116 117, ask for Siobhan Nguyen.")
    assert "".join(one.spoken for one in segments) == "Call double one six, ask for shi-vawn [Nguyen](/nwɪn/)."


def test_a_shown_form_inside_other_figures_is_another_one():
    avatar = Avatar.model_construct(pronounce={"": {"12": "a dozen"}})
    lexicon = PronunciationLexicon.of(avatar, "en")
    said = "".join(one.spoken for one in lexicon.segments("12 of 120, 1.12, 12.5 and 12, 12."))
    assert said == "a dozen of 120, 1.12, 12.5 and a dozen, a dozen."


def test_pronunciations_are_part_of_the_content(tmp_path: Path):
    plain, other = catalog(tmp_path / "a").catalog, catalog(tmp_path / "b", pronounce={"Mira": "meera"}).catalog
    assert plain.digest != other.digest
    assert plain.avatar.pronounce == {}


@pytest.mark.parametrize(
    ("text", "written", "readings"),
    [
        ("Over 10.000 visitors came.", "10.000", ("10 thousand", "10 point 000")),
        ("It is on 05/06/2026.", "05/06/2026", ("5 June 2026", "6 May 2026")),
        ("It took 1.500 of them.", "1.500", ("1 thousand 500", "1 point 500")),
    ],
)
def test_figures_with_two_readings_are_warned_of(tmp_path: Path, text, written, readings):
    loaded = catalog(tmp_path, {"en": ["We are open {{ facts.opening_hours }}.", text]})
    (found,) = two_ways(loaded)
    assert (found.file, found.line) == (HOURS, loaded.places.find(HOURS, "answer", "en", 1).line)
    assert found.line > 0
    assert written in found.message
    assert all(reading in found.message for reading in readings)


def test_a_spoken_form_settles_figures(tmp_path: Path):
    answer = {"en": "Over 10.000 visitors came {{ facts.opening_hours }}."}
    assert len(two_ways(catalog(tmp_path / "a", answer))) == 1
    assert two_ways(catalog(tmp_path / "b", answer, pronounce={"10.000": "ten thousand"})) == []
