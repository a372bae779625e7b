import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.catalog_files.importers import intent_yaml, read_drafts, write_drafts
from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.catalog_files.strict_yaml import parse
from app.catalog.importers import IntentDraft
from app.errors import CatalogError
from tests.support.catalogs import write_catalog, write_file

RASA = """version: "3.1"
nlu:
  - intent: ask_parking
    examples: |
      - where can I [park](place)?
      - parking in [Rope Street]{"entity": "street"}
  - intent: greet
    examples: |
      - hey
responses:
  utter_ask_parking:
    - text: At the harbour.
  utter_hi:
    - text: Hi!
rules:
  - rule: hi
    steps:
      - intent: greet
      - action: utter_hi
"""


def test_a_table_becomes_one_intent_per_answer(tmp_path: Path):
    rows = ("Question,Answer", "Can I park?,At the harbour.", "Where is parking?,At the harbour.", ",x", "Hi,Hello")
    write_file(tmp_path / "faq.csv", "\ufeff" + "\n".join(rows))

    assert read_drafts(tmp_path / "faq.csv") == (
        IntentDraft("can-i-park", "Can I park?", ("Can I park?", "Where is parking?"), ("At the harbour.",)),
        IntentDraft("hi", "Hi", ("Hi",), ("Hello",)),
    )


def test_json_lines_may_name_the_intent(tmp_path: Path):
    rows = [
        {"intent": "park_it", "question": "a", "answer": "x"},
        {"intent": "park_it", "question": "b", "answer": "y"},
    ]
    write_file(tmp_path / "faq.jsonl", "\n".join(map(json.dumps, rows)))

    assert read_drafts(tmp_path / "faq.jsonl") == (IntentDraft("park-it", "park_it", ("a", "b"), ("x", "y")),)


def test_rasa_loses_its_entities_and_finds_its_answers(tmp_path: Path):
    write_file(tmp_path / "data" / "nlu.yml", RASA)

    assert (
        read_drafts(tmp_path / "data")
        == read_drafts(tmp_path / "data" / "nlu.yml")
        == (
            IntentDraft(
                "ask-parking", "ask_parking", ("where can I park?", "parking in Rope Street"), ("At the harbour.",)
            ),
            IntentDraft("greet", "greet", ("hey",), ("Hi!",)),
        )
    )


def test_dialogflow_folders_are_read(tmp_path: Path):
    intent = {"name": "Parking", "responses": [{"messages": [{"speech": ["At the harbour.", "By the sea."]}]}]}
    usersays = [{"data": [{"text": "where can I "}, {"text": "park", "meta": "@place"}]}]
    write_file(tmp_path / "intents" / "Parking.json", json.dumps(intent))
    write_file(tmp_path / "intents" / "Parking_usersays_en.json", json.dumps(usersays))

    assert read_drafts(tmp_path) == (
        IntentDraft("parking", "Parking", ("where can I park",), ("At the harbour.", "By the sea.")),
    )


def test_drafts_become_a_catalog_and_nothing_is_replaced(tmp_path: Path):
    root = write_catalog(tmp_path)
    drafts = (IntentDraft("parking", "12", ("yes", "a: b"), ("# no",)), IntentDraft("dogs-too", "x", (), ()))

    first = write_drafts(root, drafts)
    second = write_drafts(root, drafts)

    assert first.written == second.kept == ("imported/parking.yaml", "imported/dogs-too.yaml")
    assert second.written == ()
    assert load_or_raise(root).intent("parking").phrases == {"en": ("yes", "a: b")}


def test_a_topic_is_a_folder_of_the_catalog(tmp_path: Path):
    with pytest.raises(CatalogError, match="topic"):
        write_drafts(tmp_path, (), topic="../x")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ""),
        ("a.csv", "x,y\n1,2\n"),
        ("a.jsonl", "{"),
        ("a.yml", "a: *b\n"),
        ("a.txt", "x"),
        ("a.csv", b"\xff"),
    ],
)
def test_what_cannot_be_imported_says_so(tmp_path: Path, name: str, content: str | bytes):
    write_file(tmp_path / name, content)

    with pytest.raises(CatalogError, match=r"Cannot read|Expected"):
        read_drafts(tmp_path / name)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40))
def test_any_text_survives_the_file(text: str):
    data = parse(intent_yaml(IntentDraft("x", text, (text,), ()), "en").encode()).data

    assert data == {"title": text, "phrases": {"en": [text]}}
