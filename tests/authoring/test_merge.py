"""Three-way merge of folders and of values, and the release that a folder is nearest to."""

import pytest

from app.authoring.releases.base import nearest_release
from app.authoring.releases.merge import (
    MISSING,
    ChangedFile,
    MergedFile,
    Values,
    changed_files,
    merge_trees,
    merge_values,
    whole_file,
)

BASE = {"a.yaml": b"a", "b.yaml": b"b", "c.png": b"c"}


def no_file(versions, prefer):
    return whole_file(versions, prefer)


def test_what_only_one_side_changed_is_taken_from_it():
    theirs = BASE | {"a.yaml": b"A", "new.yaml": b"n"}
    mine = {"a.yaml": b"a", "b.yaml": b"B"}

    merged = merge_trees(BASE, theirs, mine, no_file)

    assert merged.files == {"a.yaml": b"A", "b.yaml": b"B", "new.yaml": b"n"}
    assert merged.taken == (ChangedFile("a.yaml", "changed"), ChangedFile("new.yaml", "added"))
    assert merged.conflicts == ()


def test_the_same_change_on_both_sides_is_no_conflict():
    both = BASE | {"a.yaml": b"A"}

    assert merge_trees(BASE, both, both, no_file).taken == ()


@pytest.mark.parametrize(("prefer", "kept"), [(None, None), ("mine", None), ("theirs", b"A")])
def test_a_file_that_one_deleted_and_the_other_changed_collides(prefer, kept):
    merged = merge_trees(BASE, BASE | {"a.yaml": b"A"}, {"b.yaml": b"b", "c.png": b"c"}, no_file, prefer=prefer)

    assert merged.files.get("a.yaml") == kept
    assert [(one.path, one.theirs, one.mine) for one in merged.conflicts] == (
        [("a.yaml", "A", None)] if prefer is None else []
    )


def test_bytes_that_are_no_text_are_shown_by_their_size():
    merged = merge_trees({"p.png": b"\xff"}, {"p.png": b"\xff\x00"}, {"p.png": b"\xfe"}, no_file)

    assert [(one.base, one.theirs, one.mine) for one in merged.conflicts] == [("(1 bytes)", "(2 bytes)", "(1 bytes)")]


def test_both_sides_of_a_file_go_to_the_merge_inside():
    asked = []

    def inside(versions, prefer):
        asked.append((versions.path, versions.base, versions.theirs, versions.mine, prefer))
        return MergedFile(b"both")

    merged = merge_trees(BASE, BASE | {"a.yaml": b"1"}, BASE | {"a.yaml": b"2"}, inside)

    assert asked == [("a.yaml", b"a", b"1", b"2", None)]
    assert merged.files["a.yaml"] == b"both"


def test_changed_files_are_named_by_what_became_of_them():
    assert changed_files(BASE, {"a.yaml": b"x", "b.yaml": b"b", "d.yaml": b"d"}) == (
        ChangedFile("a.yaml", "changed"),
        ChangedFile("c.png", "removed"),
        ChangedFile("d.yaml", "added"),
    )


def test_mappings_are_merged_key_by_key():
    base = {"answer": {"en": "x", "de": "y"}, "title": "T"}

    merged = merge_values(
        Values(base, {"answer": {"en": "X", "de": "y"}, "title": "T"}, {"answer": {"en": "x", "de": "Y"}, "card": 1})
    )

    assert merged.value == {"answer": {"en": "X", "de": "Y"}, "card": 1}
    assert merged.clashes == ()


def test_phrases_of_both_sides_stay_and_what_one_removed_goes():
    merged = merge_values(Values(["a", "b"], ["a", "b", "c"], ["d", "a"]), ("phrases", "en"))

    assert merged.value == ["d", "a", "c"]


def test_a_single_phrase_is_a_list_of_one():
    assert merge_values(Values("a", ["a", "b"], ["c", "a"]), ("phrases", "en")).value == ["c", "a", "b"]


def test_variants_of_an_answer_are_no_such_list():
    merged = merge_values(Values(["a"], ["a", "b"], ["a", "c"]), ("answer", "en"))

    assert [clash.trail for clash in merged.clashes] == [("answer", "en")]
    assert merged.value == ["a", "c"]
    assert merge_values(Values(["a"], ["a", "b"], ["c"]), ("answer", "en"), prefer="theirs").value == ["a", "b"]


def test_one_test_question_with_two_expectations_collides():
    base = [{"ask": "one", "expect": "a"}]

    merged = merge_values(Values(base, [{"ask": "one", "expect": "b"}], [{"ask": "one", "expect": "c"}]), ("tests",))

    assert [clash.trail for clash in merged.clashes] == [("tests",)]


def test_a_key_that_one_removed_and_the_other_left_goes():
    assert merge_values(Values({"next": "a"}, {}, {"next": "a"})).value == {}
    assert merge_values(Values("a", MISSING, "b"), ("title",)).clashes != ()


def grains(*values: str):
    return frozenset(("facts.yaml", *value.split("=")) for value in values)


def test_the_nearest_release_has_the_fewest_other_grains():
    one, two = grains("hours=10", "price=12", "cat=Tom"), grains("hours=8", "price=12", "cat=Tom")
    releases = [(2, two), (1, one)]

    assert nearest_release(grains("hours=10", "price=13", "cat=Tom"), releases) == 1
    assert nearest_release(two, releases) == 2
    assert nearest_release(grains("else=1"), releases) is None


def test_where_two_releases_are_as_near_the_remembered_one_counts_else_the_older_one():
    releases = [(2, grains("hours=8", "price=12")), (1, grains("hours=10", "price=12"))]
    folder = grains("hours=9", "price=12")

    assert nearest_release(folder, releases) == 1
    assert nearest_release(folder, releases, remembered=2) == 2
