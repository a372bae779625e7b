"""A catalog's folder is changed whole or not at all."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.catalog_files.candidate import Candidate
from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.catalog_files.strict_yaml import parse
from app.adapters.catalog_files.yaml_text import yaml_text
from app.errors import CatalogError
from tests.support.catalogs import write_catalog, write_file

INTENT = "title: New\nanswer: {en: Yes}\n"


def names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*")}


def test_a_candidate_loads_with_the_target_s_files_and_lands_beside_them(tmp_path: Path):
    root = write_catalog(tmp_path)
    before = names(root)

    with Candidate(root) as candidate:
        candidate.write("new/one.yaml", INTENT)
        assert load_or_raise(candidate.root).intent("one")
        assert names(root) == before
        assert candidate.land() == ("new/one.yaml",)

    assert names(root) == before | {"new", "new/one.yaml"}
    assert names(tmp_path) >= {"intents"}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_new_folder_appears_whole_and_for_everybody(tmp_path: Path):
    with Candidate(tmp_path / "deeper" / "new") as candidate:
        candidate.write("a/b.yaml", INTENT)
        candidate.land()

    assert names(tmp_path / "deeper" / "new") == {"a", "a/b.yaml"}
    assert (tmp_path / "deeper" / "new").stat().st_mode & 0o777 == (tmp_path / "deeper").stat().st_mode & 0o777


def test_a_file_that_is_there_is_not_replaced_and_a_failure_leaves_nothing(tmp_path: Path):
    root = write_catalog(tmp_path)
    before = names(root)

    with Candidate(root) as candidate:
        with pytest.raises(CatalogError, match="there already"):
            candidate.write("visiting/dogs.yaml", INTENT)
        candidate.write("a/one.yaml", INTENT)
        candidate.write("b/two.yaml", INTENT)
        write_file(root / "b" / "two.yaml", "title: Somebody else's\n")
        with pytest.raises(CatalogError, match="meanwhile"):
            candidate.land()

    assert names(root) == before | {"b", "b/two.yaml"}
    assert (root / "b/two.yaml").read_text() == "title: Somebody else's\n"


def test_a_replaced_file_must_be_as_it_was(tmp_path: Path):
    root = write_catalog(tmp_path)
    facts = (root / "facts.yaml").read_text()

    with Candidate(root) as candidate:
        candidate.replace("facts.yaml", facts + "new: fact\n")
        assert (root / "facts.yaml").read_text() == facts, "the copy is no link any more"
        write_file(root / "facts.yaml", facts + "mine: x\n")
        with pytest.raises(CatalogError, match="meanwhile"):
            candidate.land()

    assert (root / "facts.yaml").read_text() == facts + "mine: x\n"


def test_nothing_is_written_outside(tmp_path: Path):
    with Candidate(tmp_path / "new") as candidate, pytest.raises(CatalogError, match="inside"):
        candidate.write("../x.yaml", "")

    assert list(tmp_path.iterdir()) == []


LEAF = (
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
    | st.booleans()
    | st.integers(0, 99)
)
KEY = st.text(st.sampled_from("abc: #-é"), min_size=1, max_size=6).filter(str.strip)


@given(st.dictionaries(KEY, LEAF | st.lists(LEAF, max_size=3) | st.dictionaries(KEY, LEAF, max_size=2), max_size=4))
def test_any_content_survives_the_file(content: dict[str, object]):
    document = parse(yaml_text(content, ["a comment\nof two lines"]).encode())

    assert document.problems == ()
    assert (document.data or {}) == content


@pytest.mark.parametrize("text", ["yes", "null", "12", "a: b", "a #b", "- a", "@a", "{{ x }}", "end:", "don't"])
def test_quotes_stand_where_they_are_needed(text: str):
    assert parse(yaml_text({"a": text}).encode()).data == {"a": text}
    assert yaml_text({"a": "How are you?"}) == "a: How are you?\n"
