"""Logs of questions as other tools export them."""

import json

import pytest

from app.errors import CatalogError
from app.runtime.commands.forecast.question_log import read_log

INNER = ("Open?", "Open?", "open", "Dogs?")


def read(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(one.text, one.locale, one.times) for one in read_log(file, default_locale="en")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("log.csv", "question,count\nOpen?,2\nopen,1\nDogs?,1\n"),
        ("log.csv", "sep=;\r\nFrage;Anzahl\r\nOpen?;2\r\nopen;1\r\nDogs?;1\r\n".encode("utf-16")),
        ("log.tsv", "text\ttimes\nOpen?\t2\nopen\t1\nDogs?\t1\n"),
        ("log.jsonl", '{"question": "Open?", "count": 2}\n{"question": "open"}\n"Dogs?"\n'),
        ("log.json", json.dumps([{"text": "Open?"}, {"text": "Open?"}, {"text": "open"}, "Dogs?"])),
        ("log.json", json.dumps({"total": 4, "items": [{"query": one} for one in INNER]})),
        ("log.csv", "Open?\nOpen?\nopen\nDogs?\n"),
    ],
    ids=["csv", "excel", "tabs", "jsonl", "json", "inner list", "bare lines"],
)
def test_equal_questions_are_counted_together(tmp_path, name, content):
    found = read(tmp_path, name, content)

    assert found[0] == ("Open?", "en", 3)
    assert found[1] == ("Dogs?", "en", 1)


def test_locales_are_apart(tmp_path):
    found = read(tmp_path, "log.csv", "question,language\nHotel?,de\nHotel?,en\nHotel?,en\n")

    assert found == [("Hotel?", "en", 2), ("Hotel?", "de", 1)]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("log.csv", "name,age\nAda,36\n", "Expected a column named `question`"),
        ("log.jsonl", '{"question": "Open?"}\n{oops\n', r"log.jsonl:2: expected JSON"),
        ("log.csv", "", "Expected a column"),
    ],
    ids=["no column", "broken line", "empty"],
)
def test_what_is_no_log_is_refused_with_the_way_out(tmp_path, name, content, says):
    with pytest.raises(CatalogError, match=says):
        read(tmp_path, name, content)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CatalogError, match=r"Cannot read `.*nowhere.csv`"):
        read_log(tmp_path / "nowhere.csv", default_locale="en")
