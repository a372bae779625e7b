"""Exports as people have them, from `tests/data/imports/`, and tables however a spreadsheet saves them."""

import codecs
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from app.adapters.catalog_files.imports.recognise import gather
from app.adapters.catalog_files.imports.text import cells_of, decoded
from app.catalog.imports.gathered import Gathered
from app.catalog.model import Role
from app.errors import CatalogError
from tests.support.catalogs import write_file

DATA = Path(__file__).parents[3] / "data" / "imports"


def phrases(gathered: Gathered) -> dict[str, int]:
    return {one.name: sum(map(len, one.phrases.values())) for one in gathered.intents.values()}


@pytest.mark.parametrize("name", ["faq.csv", "faq-utf8-bom-comma.csv"])
def test_german_excel(name: str):
    gathered = gather(DATA / "german-excel" / name)

    assert phrases(gathered) == {"Öffnungszeiten": 3, "Zahnreinigung": 1, "Bleaching": 1, "Sprachen": 1}
    assert gathered.intents["Sprachen"].answers == {"": ["Wir sprechen Deutsch, Englisch und Türkisch."]}
    assert gathered.intents["Öffnungszeiten"].url == "https://example.org/zeiten"
    assert gathered.intents["Bleaching"].topic == "Preise"
    assert "1 blank row" in {one.what for one in gathered.left}
    mended = [one for one in gathered.left if "had no quotes" in one.why]
    assert bool(mended) == (name != "faq.csv")


def test_a_dialogflow_agent():
    gathered = gather(DATA / "dialogflow-es" / "agent.zip")
    intents = gathered.intents

    assert intents["Default Welcome Intent"].role is Role.GREETING
    assert intents["Default Fallback Intent"].role is Role.UNCLEAR
    assert set(intents["opening.hours"].phrases) == set(intents["opening.hours"].answers) == {"en", "de"}
    assert "are you open on Saturday" in intents["opening.hours"].phrases["en"]
    assert "context" in intents["opening.hours - yes"].held[0]
    assert any("entity marks" in one.what for one in gathered.left)


def test_a_helpdesk_s_lines():
    gathered = gather(DATA / "helpdesk" / "faq.jsonl")

    assert [sorted(one.phrases) for one in gathered.intents.values()] == [["en"], ["en"], ["de"]]
    assert list(phrases(gathered).values()) == [2, 1, 1]
    assert ("faq.jsonl:5", "When are you open?") in {(one.where, one.what) for one in gathered.left}


def test_a_rasa_project():
    gathered = gather(DATA / "rasa")

    assert {name: one.answers.get("") for name, one in gathered.intents.items() if one.role is Role.ANSWER} == {
        "opening_hours": ["We are open Monday to Friday, 8:30 to 18:00.", "Come between {opening} and six."],
        "faq/ask_parking": ["Park in the courtyard."],
        "book_appointment": ["Book online."],
    }
    assert gathered.intents["opening_hours"].phrases[""][1:] == [
        "are you open on Saturday",
        "until when can I come tomorrow",
    ]
    named = {one.what for one in gathered.left}
    assert {"2 examples of `out_of_scope`", "synonym `Saturday`", "regex `phone`", "lookup `weekday`"} <= named


def test_a_whole_rasa_project_with_foreign_files(tmp_path: Path):
    for file in (DATA / "rasa-project").rglob("*.yml"):
        write_file(tmp_path / "data" / file.name, file.read_bytes())
    write_file(tmp_path / ".github" / "deploy.yaml", (DATA / "rasa-project/.github/deploy.yaml").read_bytes())
    write_file(tmp_path / "charts" / "deploy.yaml", "replicas: {{ .Values.replicas }}\n")
    write_file(tmp_path / "tests" / "test_nlu.yml", "nlu:\n- intent: other\n  examples: |\n    - x\n")

    gathered = gather(tmp_path)

    assert phrases(gathered) == {"opening_hours": 2, "toilets": 1}
    assert gathered.intents["toilets"].answers == {"": ["The toilets are beside the stairs."]}
    passed = {(one.where, one.why.partition(":")[0]) for one in gathered.left}
    assert {("charts/deploy.yaml:1", "passed over"), ("tests/test_nlu.yml", "passed over")} <= passed
    assert "hidden or foreign folders: 1" in {one.what for one in gathered.left}


@pytest.mark.parametrize("name", sorted(path.name for path in (DATA / "tables").iterdir()))
def test_tables_as_spreadsheets_save_them(name: str):
    gathered = gather(DATA / "tables" / name)

    (one,) = gathered.intents.values()
    assert (one.texts, len(one.answers)) == (2, 1)
    assert name != "windows.csv" or one.name == "Is the café open?"


ENCODINGS = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16": b"",
    "utf-16-le": b"",
    "utf-16-be": codecs.BOM_UTF16_BE,
    "cp1252": b"",
}
CELL = st.text(st.sampled_from("aé ß?,;\n\"'"), min_size=1, max_size=12).filter(
    lambda text: text.strip(" \n\"',;?") != ""
)


@given(CELL, CELL, st.sampled_from(list(ENCODINGS)), st.sampled_from(",;\t|"), st.sampled_from(["\r\n", "\n"]))
def test_any_table_reads_back(question: str, answer: str, encoding: str, separator: str, ending: str):
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    rows = [["question", "answer"], [quoted(question), quoted(answer)], ["", ""], ["plain", "words of it"]]
    text = ending.join(separator.join(row) for row in rows)
    content = ENCODINGS[encoding] + text.encode(encoding)

    cells = cells_of(decoded(content))

    assert [row for row in cells if any(row)] == [["question", "answer"], [question, answer], ["plain", "words of it"]]


@given(st.binary(max_size=60))
def test_any_bytes_are_some_text(content: bytes):
    assert isinstance(decoded(content), str)


def test_a_workbook_with_titles_above_and_several_sheets(tmp_path: Path):
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "Visiting"
    for row in (["Our FAQ"], [], ["Question", "Answer"], ["When open?", "At ten."], ["How much?", 9.0], [None, None]):
        first.append(row)
    book.create_sheet("Notes").append(["nothing here"])
    book.create_sheet("Prices").append(["question", "answer"])
    book["Prices"].append(["Any discount?", "Yes."])
    hidden = book.create_sheet("Old")
    hidden.append(["question", "answer"])
    hidden.append(["Old?", "Old."])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "faq.xlsx")

    gathered = gather(tmp_path / "faq.xlsx")

    assert {one.name: (one.topic, one.answers[""]) for one in gathered.intents.values()} == {
        "When open?": ("Visiting", ["At ten."]),
        "How much?": ("Visiting", ["9"]),
        "Any discount?": ("Prices", ["Yes."]),
    }
    assert ("faq.xlsx, Notes", "the sheet") in {(one.where, one.what) for one in gathered.left}


def test_a_saved_page_and_a_folder_of_several_kinds(tmp_path: Path):
    data = {"@type": "FAQPage", "mainEntity": {"name": "Open?", "acceptedAnswer": {"text": "Yes."}}}
    write_file(tmp_path / "page.html", f'<html lang=en><script type="application/ld+json">{json.dumps(data)}</script>')
    write_file(tmp_path / "plain.html", "<p>nothing</p>")
    write_file(tmp_path / "faq.csv", "question,answer\nWhere?,Here.\n")
    write_file(tmp_path / "package.json", '{"name": "x", "version": "1"}')
    write_file(tmp_path / "broken.json", "{")

    gathered = gather(tmp_path)

    assert set(phrases(gathered)) == {"Open?", "Where?"}
    assert {one.where for one in gathered.left} == {"plain.html", "package.json", "broken.json"}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "", "got none"),
        ("a.csv", "foo,bar\n1,2\n", "--column question=HEADING"),
        ("a.jsonl", "{", "no JSON"),
        ("a.json", "{", "Export it again"),
        ("a.json", "[" * 100_000, "nested too deep"),
        ("a.json", '{"name": "x"}', "got none"),
        ("a.yml", "a: *b\n", "got none"),
        ("a.html", "<p>", "FAQPage"),
        ("a.xlsx", b"PK", "zip archive"),
        ("a.txt", "x", "Expected columns"),
        ("a.csv", '"' + "x" * 200_000 + '"\n', "Export it again|Expected columns"),
    ],
)
def test_what_cannot_be_read_says_so(tmp_path: Path, name: str, content: str | bytes, words: str):
    write_file(tmp_path / name, content)

    with pytest.raises(CatalogError, match=words):
        gather(tmp_path / name)


def test_headings_of_one_s_own_are_said(tmp_path: Path):
    write_file(tmp_path / "a.csv", "Kunde;Wir\nWann?;Um zehn.\n")

    assert phrases(gather(tmp_path / "a.csv", {"question": "kunde", "answer": "Wir"})) == {"Wann?": 1}
