"""The comparison itself: it sees what differs, and still finds every surface in the code as it lies today."""

from pathlib import Path

import pytest

from tests.compare.checkout import HERE, python
from tests.compare.sources import read_sources
from tests.compare.surfaces import differences, leaves, told

DOCUMENT = {"a": [1, {"description": "prose", "b": {"description": {"type": "text"}}}], "c": {}}


def test_what_is_gone_new_or_another_is_told_by_name():
    before, after = {"a": 1, "b": 2, "c": 3}, {"b": 2, "c": 4, "d": 5}

    assert differences(before, after) == ["gone: a", "new: d", "other: c: 3 -> 4"]
    assert told("letters", before, before) == "letters: same 3"
    assert told("letters", before, after).startswith("letters: 3 differ\n  gone: a")


def test_prose_is_kept_apart_from_the_rest_of_a_document():
    assert dict(leaves(DOCUMENT, texts=True)) == {"/a/1/description": "prose"}
    assert dict(leaves(DOCUMENT, texts=False)) == {"/a/0": 1, "/a/1/b/description/type": "text", "/c": {}}


def test_a_moved_file_is_no_difference_and_a_changed_name_is_one(tmp_path):
    older, newer = tmp_path / "older" / "app", tmp_path / "newer" / "app" / "deeper"
    for folder in (older, newer):
        folder.mkdir(parents=True)
    source = (
        'VOICE_VERSION = "1"\n\ndef say() -> None:\n    _log.info("job.done")\n    Gauge("jobs", "All.", ["state"])\n'
    )
    (older / "one.py").write_text(source)
    (newer / "two.py").write_text(source)
    same = read_sources(tmp_path / "older") == read_sources(tmp_path / "newer")
    (newer / "two.py").write_text(source.replace("job.done", "job.over"))
    found = read_sources(tmp_path / "newer")["log event names"]

    assert same
    assert differences(read_sources(tmp_path / "older")["log event names"], found) == [
        "gone: job.done",
        "new: job.over",
    ]


@pytest.mark.long
def test_every_surface_is_found_in_the_code_of_today():
    least = {
        "log event names": 30,
        "metrics in the source": 20,
        "names of tasks": 1,
        "version constants": 6,
        "migration revisions": 6,
        "settings and their defaults": 60,
        "error codes": 40,
        "statuses of error codes": 40,
        "close codes": 12,
        "commands and their options": 40,
        "texts of help": 40,
    }

    found = read_sources(HERE) | python(HERE, Path(__file__).with_name("probe.py"))

    assert {name: len(surface) >= least[name] for name, surface in found.items()} == dict.fromkeys(least, True)
