"""`init`, `new`, `import` and `export` as their users type them, from an empty folder to a catalog that speaks."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.adapters.catalog_files.loader import load_or_raise
from app.catalog.model import Role
from app.cli.main import main
from app.runtime.settings.site import load_settings
from tests.support.catalogs import write_catalog, write_file
from tests.support.in_process import logging_kept
from tests.support.shared import made_once

DATA = Path(__file__).parents[2] / "data" / "imports"


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def greenroom(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    """The command line in this process, without a terminal, with a database and a cache of its own."""
    monkeypatch.setenv("GREENROOM_DATABASE_URL", f"sqlite:///{tmp_path}/state/greenroom.db")
    monkeypatch.setenv("GREENROOM_CACHE", str(tmp_path / "cache"))

    def run(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in arguments])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err + printed.out
        assert isinstance(ended.value.code, int | None)
        return Ran(ended.value.code or 0, printed.out, printed.err)

    with logging_kept():
        yield run


@pytest.fixture
def desk(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog as `greenroom init` leaves it, in English: made once, then copied."""

    def make(folder: Path) -> None:
        with pytest.raises(SystemExit):
            main(["init", str(folder / "desk"), "--name", "Front desk", "--locales", "en", "--json"])

    made = made_once(tmp_path_factory, "init", make)
    shutil.copytree(made / "desk", tmp_path / "desk")
    return tmp_path / "desk"


def test_init_leaves_a_catalog_that_check_passes_without_a_word(greenroom: Run, desk: Path):
    checked = greenroom("check", "--quick", "--json", "--catalog", desk).document
    catalog = load_or_raise(desk)

    assert (checked["errors"], checked["findings"]) == (0, [])
    assert (catalog.name, catalog.locales, catalog.avatar.id) == ("Front desk", ("en",), "mira")
    assert set(catalog.roles) == set(Role) - {Role.ANSWER}


@pytest.mark.long
def test_it_speaks_and_answers(greenroom: Run, desk: Path):
    """The presenter is filmed small here, which is the only change."""
    avatar = desk / "avatars" / "mira.yaml"
    avatar.write_text(avatar.read_text() + "video: {height: 256, fps: 10}\n")

    filmed = greenroom("warm", "--only", "greeting", "--json", "--catalog", desk)
    asked = greenroom("ask", "Hello", "--json", "--catalog", desk)

    assert filmed.code == 0, filmed
    assert json.loads(filmed.out.splitlines()[-1])["clips_done"] == 1
    assert asked.document["intent"] == "hello"


def test_init_takes_languages_and_says_what_they_need(greenroom: Run, tmp_path: Path):
    made = greenroom("init", tmp_path / "zahn", "--locales", "de,en,pl", "--avatar", "lea", "--name", "Praxis")
    checked = greenroom("check", "--quick", "--json", "--catalog", tmp_path / "zahn").document
    catalog = load_or_raise(tmp_path / "zahn")

    assert made.code == 0
    assert "OPENAI_API_KEY" in made.err
    assert "no first words in pl" in made.err
    assert checked["errors"] == 0
    assert (catalog.default_locale, catalog.avatar.id) == ("de", "lea")
    assert {tag: voice.speech for tag, voice in catalog.avatar.voices.items()} == {
        "de": "openai",
        "en": "local",
        "pl": "openai",
    }
    assert set(catalog.in_role(Role.GREETING)[0].answer) == {"de", "en"}


def test_init_leaves_a_language_in_text_until_its_free_voice_is_there(
    greenroom: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    drawn, models = load_settings().models_dir.expanduser() / "sheets", tmp_path / "models"
    models.mkdir()
    (models / "sheets").symlink_to(drawn)  # presenters take seconds to draw
    monkeypatch.setenv("GREENROOM_MODELS_DIR", str(models))  # no voice was added there
    made = greenroom("init", tmp_path / "desk", "--locales", "en,es,fr")
    checked = greenroom("check", "--quick", "--json", "--catalog", tmp_path / "desk").document
    catalog = load_or_raise(tmp_path / "desk")

    assert "`greenroom voices add es` and `greenroom voices add fr`" in made.err.replace("\n", " ")
    assert "OPENAI_API_KEY" not in made.err
    assert checked["errors"] == 0
    assert catalog.written == ("es", "fr")
    assert {voice.speech for voice in catalog.avatar.voices.values()} == {"local"}


@pytest.mark.parametrize(("locales", "speech"), [("en,en-GB", "local"), ("de,de-AT", "openai")])
def test_init_writes_one_voice_where_one_is_enough(greenroom: Run, tmp_path: Path, locales: str, speech: str):
    greenroom("init", tmp_path / "desk", "--locales", locales)

    voices = load_or_raise(tmp_path / "desk").avatar.voices
    assert [(locale, voice.speech) for locale, voice in voices.items()] == [("", speech)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--locales", "pl"], "first locale out of"),
        (["--locales", "e n"], "language tags"),
        (["--avatar", "../x"], "avatar's id"),
        (["--name", " "], "name of 1 to 200"),
    ],
)
def test_init_refuses_what_it_cannot_make(greenroom: Run, tmp_path: Path, arguments: list[str], words: str):
    refused = greenroom("init", tmp_path / "new", *arguments)

    assert (refused.code, (tmp_path / "new").exists()) == (1, False)
    assert words in refused.err


def test_init_does_not_touch_a_folder_with_files(greenroom: Run, tmp_path: Path):
    write_file(tmp_path / "mine" / "a.txt", "mine")

    refused = greenroom("init", tmp_path / "mine", "--json")

    assert (refused.code, refused.document["error"]["code"]) == (1, "catalog_invalid")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["a.txt"]


def test_a_new_intent_is_a_draft_until_it_has_an_answer(greenroom: Run, desk: Path):
    first = greenroom("new", "intent", "Opening hours", "--catalog", desk)
    second = greenroom(
        "new", "intent", "Parking", "--topic", "visiting", "--phrase", "Where can I park?", "--answer", "Here.",
        "--json", "--catalog", desk,
    )  # fmt: skip
    again = greenroom("new", "intent", "Parking", "--catalog", desk)
    catalog = load_or_raise(desk)

    assert first.out == "answers/opening-hours.yaml\n"
    assert "draft" in first.err
    assert second.document["draft"] is False
    assert (again.code, catalog.intent("opening-hours")) == (1, None)
    assert "--id" in again.err
    parking = catalog.intent("parking")
    assert parking
    assert (parking.topic, parking.answer) == ("visiting", {"en": ("Here.",)})
    assert "# phrases:" in (desk / "answers/opening-hours.yaml").read_text()


def test_an_import_makes_a_new_catalog_with_the_export_s_languages_and_roles(greenroom: Run, tmp_path: Path):
    came = greenroom("import", DATA / "dialogflow-es" / "agent.zip", "--into", tmp_path / "new", "--json")
    checked = greenroom("check", "--quick", "--json", "--catalog", tmp_path / "new").document
    catalog = load_or_raise(tmp_path / "new")

    assert came.code == checked["errors"] == 0
    assert (catalog.name, catalog.locales) == ("dental", ("en", "de"))
    assert catalog.roles[Role.GREETING] == ("greeting",)
    assert {one["file"]: one["draft"] for one in came.document["intents"]} == {
        "roles/greeting.yaml": False,
        "roles/unclear.yaml": False,
        "imported/opening-hours.yaml": False,
        "imported/opening-hours-yes.yaml": True,
    }
    assert "draft: true" in (tmp_path / "new/imported/opening-hours-yes.yaml").read_text()


@pytest.mark.parametrize(
    ("export", "served", "kept"),
    [
        ("rasa", {"opening-hours", "ask-parking", "book-appointment"}, ["roles/unclear.yaml"]),
        ("rasa-project", {"opening-hours", "toilets"}, []),
        ("helpdesk/faq.jsonl", {"when-are-you-open", "how-do-i-pay"}, []),
        ("tables/sep.csv", {"when-are-you-open"}, []),
    ],
)
def test_an_import_into_a_catalog_adds_to_it(
    greenroom: Run, desk: Path, export: str, served: set[str], kept: list[str]
):
    before = {one.id for one in load_or_raise(desk).intents}

    came = greenroom("import", DATA / export, "--catalog", desk, "--json").document
    checked = greenroom("check", "--quick", "--json", "--catalog", desk).document

    assert checked["errors"] == 0
    assert {one.id for one in load_or_raise(desk).intents} - before == served
    assert (came["kept"], [one for one in came["intents"] if one["draft"]]) == (kept, [])


def test_nothing_is_replaced_and_nothing_is_written_on_a_dry_run(greenroom: Run, desk: Path):
    table = DATA / "tables" / "list.json"

    dry = greenroom("import", table, "--catalog", desk, "--dry-run")
    before = load_or_raise(desk)
    first = greenroom("import", table, "--catalog", desk, "--json").document
    (desk / "imported/when-are-you-open.yaml").write_text("title: Mine\nanswer: {en: Mine.}\n")
    second = greenroom("import", table, "--catalog", desk, "--json").document

    assert "Nothing was written" in dry.out
    assert before.intent("when-are-you-open") is None
    assert [one["id"] for one in first["intents"]] == ["when-are-you-open"]
    assert (second["intents"], second["kept"]) == ([], ["imported/when-are-you-open.yaml"])
    assert "Mine." in (desk / "imported/when-are-you-open.yaml").read_text()


def test_what_check_would_refuse_becomes_a_draft(greenroom: Run, desk: Path, tmp_path: Path):
    write_file(desk / "tests.yaml", [{"ask": "what is it", "expect": "hello"}])
    rows = [
        {"question": "Long?", "answer": "word " * 900},
        {"question": "What is it", "answer": "Another."},
        {"question": "Fine?", "answer": "Fine."},
    ]
    write_file(tmp_path / "faq.json", json.dumps(rows))

    came = greenroom("import", tmp_path / "faq.json", "--catalog", desk, "--json").document
    checked = greenroom("check", "--quick", "--json", "--catalog", desk).document

    assert {one["id"]: one["draft"] for one in came["intents"]} == {"long": True, "what-is-it": True, "fine": False}
    assert all(why.startswith("check: ") for one in came["intents"] for why in one["why"])
    assert checked["errors"] == 0


def test_a_broken_catalog_or_export_leaves_everything_as_it_was(greenroom: Run, desk: Path, tmp_path: Path):
    write_file(tmp_path / "a.csv", "foo,bar\n1,2\n")
    unread = greenroom("import", tmp_path / "a.csv", "--catalog", desk)
    write_file(desk / "answers" / "broken.yaml", "title: [\n")
    refused = greenroom("import", DATA / "tables" / "list.json", "--catalog", desk)
    usage = greenroom("import", DATA / "tables" / "list.json", "--catalog", desk, "--column", "x")

    assert (unread.code, refused.code, usage.code) == (1, 1, 2)
    assert "--column question=HEADING" in unread.err
    assert not (desk / "imported").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_reads_back_the_same(greenroom: Run, tmp_path: Path, form: str):
    draft = {"title": "Later", "draft": True, "phrases": {"en": "later"}}
    root = write_catalog(tmp_path, files={"visiting/later.yaml": draft})
    file = tmp_path / f"all.{form}"

    exported = greenroom("export", file, "--catalog", root)
    came = greenroom("import", file, "--into", tmp_path / "copy", "--json").document
    again = greenroom("export", "--format", form, "--catalog", tmp_path / "copy")

    before, after = load_or_raise(root), load_or_raise(tmp_path / "copy")
    assert "left: 1 documents" in exported.err
    for intent in before.intents:
        assert after.intent(intent.id) == intent
    assert (after.name, after.locales) == (before.name, before.locales)
    assert came["facts"] == ["opening_hours", "prices"]
    assert [one["id"] for one in came["intents"] if one["draft"]] == ["later"]
    missing = {line for line in file.read_text("utf-8-sig").splitlines() if line} - set(again.out.splitlines())
    assert missing == set()


def test_commands_ask_nothing_without_a_terminal(greenroom: Run, tmp_path: Path):
    made = greenroom("init", tmp_path / "my-desk")

    assert made.code == 0
    assert load_or_raise(tmp_path / "my-desk").name == "My desk"
    assert "greenroom serve --warm" in made.out
