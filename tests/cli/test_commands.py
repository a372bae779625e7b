"""Every command: what it prints for people and programs, and the status it leaves."""

import json
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from app.adapters.local.renderer import LocalRenderer
from app.cli.main import Commands
from app.cli.stores.store import StoreCommands
from app.errors import ProviderUnavailableError
from app.runtime.commands import plan as planning
from tests.cli.conftest import Greenroom, reword
from tests.support.sites import SMALL, Site, small_site

COMMANDS = [[name] for name in Commands.entries if name != "store"] + [
    ["store", name] for name in StoreCommands.entries
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_examples(greenroom: Greenroom, command):
    told = greenroom(*command, "--help", site=None)

    assert told.code == 0
    assert f"  greenroom {' '.join(command)}" in told.out
    assert "--install-completion" not in told.out


@pytest.mark.parametrize("group", [[], ["store"]], ids=str)
def test_the_list_of_commands_says_what_each_does(greenroom: Greenroom, group):
    told = greenroom(*group, "--help", site=None)

    entries = (StoreCommands if group else Commands).entries
    assert told.code == 0
    assert all(name in told.out and entry.summary in " ".join(told.out.split()) for name, entry in entries.items())


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        (["pln"], "'plan'"),
        (["store", "verifi"], "'verify'"),
        (["plan", "--nope"], "--nope"),
        (["warm", "--budget", "much"], "'much'"),
        (["warm", "--budget", "-1"], "'-1'"),
        (["warm", "--budget", "nan"], "'nan'"),
        (["misses", "--limit", "0"], "1"),
        (["store", "gc", "--grace-days", "-1"], "0"),
        (["schema", "cake"], "'cake'"),
        (["keys", "new", "ada", "--role", "king"], "'king'"),
        (["serve", "--port", "70000"], "65535"),
        (["ask"], "--batch FILE"),
        (["ask", "hello", "--batch", "x.jsonl"], "one of the two"),
        (["ask", "--batch", "nowhere.jsonl"], "nowhere.jsonl"),
        (["explain"], "turn"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_understood_is_status_two(greenroom: Greenroom, typed, hint):
    told = greenroom(*typed, site=None)

    assert told.code == 2
    assert told.out == ""
    assert hint in told.err


def test_no_command_shows_the_help(greenroom: Greenroom):
    told = greenroom(site=None)

    assert told.code == 2
    assert "Commands:" in told.out + told.err


# -- catalog ---------------------------------------------------------------------------------------------------------


def test_check_is_content(greenroom: Greenroom):
    plain, document = greenroom("check", "--quick"), greenroom("check", "--quick", "--json").document

    assert plain.code == 0
    assert "9 intents" in plain.out
    assert document == {
        "ok": True,
        "errors": 0,
        "warnings": 0,
        "findings": [],
        "encoders": {"en": "the shipped encoder for English"},
        "in_text": {},
    }


def test_check_names_file_line_and_way_out(greenroom: Greenroom, tmp_path):
    site = small_site(tmp_path, **{"visiting/dogs.yaml": "title: Dogs\nfrases: {}\nanswer: {en: Woof}\n"})

    told = greenroom("check", "--quick", site=site)
    document = greenroom("check", "--quick", "--json", site=site)

    assert (told.code, document.code) == (1, 1)
    assert "visiting/dogs.yaml:2" in told.out
    finding = document.document["findings"][0]
    assert finding["file"] == "visiting/dogs.yaml"
    assert finding["line"] == 2
    assert "frases" in finding["message"]
    assert set(finding) == {"level", "rule", "file", "line", "message", "hint"}


def test_check_measures_the_portrait_and_the_phrases(greenroom: Greenroom):
    told = greenroom("check", "--json")

    assert told.code == 0
    assert told.document["ok"]


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        ({"renderers": ["cake"]}, "renderer-unknown"),
        ({"voice": {"speech": "cake"}}, "speech-unknown"),
        ({"portrait": "words.png"}, "portrait-unreadable"),
    ],
)
def test_check_finds_what_warm_would_fail_on(greenroom: Greenroom, tmp_path, part, rule):
    site = small_site(tmp_path, **{"avatars/mira.yaml": SMALL | part, "avatars/words.png": "no picture"})

    told = greenroom("check", "--quick", "--json", site=site)

    assert told.code == 1
    (finding,) = told.document["findings"]
    assert (finding["rule"], finding["file"]) == (rule, "avatars/mira.yaml")
    assert finding["line"] > 0
    assert finding["hint"]


def test_check_tells_a_photo_saved_over_a_drawing(greenroom: Greenroom, tmp_path):
    site = small_site(tmp_path)
    portrait = site.catalog / "avatars" / "mira.png"
    with Image.open(portrait) as drawing:
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Greenroom-Look", drawing.info["Greenroom-Look"])
    Image.new("RGB", (600, 600), "navy").save(portrait, pnginfo=notes)

    told = greenroom("check", "--quick", "--json", site=site)

    assert [finding["rule"] for finding in told.document["findings"]] == ["portrait-marked"]


def test_check_knows_which_languages_the_local_voice_speaks(greenroom: Greenroom, tmp_path):
    site = small_site(tmp_path)
    catalog = site.catalog / "catalog.yaml"
    catalog.write_text(catalog.read_text() + "locales: [en, de]\n")

    told = greenroom("check", "--quick", "--json", site=site)

    assert "speech-locale" in {finding["rule"] for finding in told.document["findings"]}


def test_a_written_locale_is_answered_in_text_while_no_voice_speaks_it(greenroom: Greenroom, tmp_path):
    site = small_site(tmp_path)
    settings, intent = site.catalog / "catalog.yaml", next(site.catalog.glob("visiting/*.yaml"))
    settings.write_text(settings.read_text() + "locales: [en, de]\nwritten: [de]\n")
    intent.write_text(intent.read_text().replace("answer:\n", "answer:\n  de: Das sage ich Ihnen gern.\n"))

    checked = greenroom("check", "--quick", "--json", site=site)
    told = greenroom("check", "--quick", site=site)
    planned = greenroom("plan", "--json", site=site)
    shown = greenroom("plan", site=site)

    assert (checked.document["errors"], checked.document["in_text"]) == (0, {"de": 1})
    assert "de: 1 answer in text alone, no voice speaks it here" in told.out
    assert planned.document["in_text"] == {"de": 1}
    assert {line["locale"] for item in planned.document["new"] for line in item["lines"]} <= {"en"}
    assert "de: 1 answer in text alone" in shown.out


def test_check_counts_faces(greenroom: Greenroom, tmp_path):
    site = small_site(tmp_path)
    Image.effect_noise((600, 600), 40).convert("RGB").save(site.catalog / "avatars" / "mira.png")

    told = greenroom("check", "--json", site=site)

    messages = {finding["rule"]: finding["message"] for finding in told.document["findings"]}
    assert messages["portrait-faces"] == "Expected the portrait's number of faces to be exactly 1, got 0."


@pytest.mark.parametrize("kind", ["catalog", "intent", "avatar", "tests"])
def test_schema_is_a_json_schema(greenroom: Greenroom, kind):
    assert greenroom("schema", kind, site=None).document["$schema"].startswith("https://json-schema.org/")


# -- plan, warm, renders ---------------------------------------------------------------------------------------------


def test_plan_of_a_warm_site_has_nothing_to_do(greenroom: Greenroom):
    plain, document = greenroom("plan"), greenroom("plan", "--json").document

    assert plain.code == 0
    assert "0 new, 0 stale" in plain.out
    assert not document["has_work"]
    assert document["counts"]["unchanged"] == 15, "five loops among them"


def test_plan_says_what_is_stale_and_leaves_status_three(greenroom: Greenroom, copy):
    reword(copy, "Guide dogs are very welcome.")

    plain, document = greenroom("plan", site=copy), greenroom("plan", "--json", site=copy)

    assert (plain.code, document.code) == (3, 3)
    assert "~ dogs" in plain.out
    assert document.document["counts"] == {"new": 0, "stale": 1, "unchanged": 14, "unreferenced": 0, "refused": 0}
    (item,) = document.document["stale"]
    assert [line["intent"] for line in item["lines"]] == ["dogs"]
    assert [change["field"] for change in item["changes"]] == ["text"]
    assert Decimal(document.document["price"]) == 0


def test_warm_with_nothing_to_do_says_so(greenroom: Greenroom):
    plain, events = greenroom("warm"), greenroom("warm", "--json").lines

    assert plain.code == 0
    assert "Nothing to render" in plain.out
    assert [event["type"] for event in events] == ["summary"]
    assert events[0]["clips_unchanged"] == 15


def test_warm_films_what_changed_and_nothing_else(greenroom: Greenroom, copy):
    reword(copy, "Guide dogs are very welcome.")

    other = greenroom("warm", "--only", "tickets", "--json", site=copy).lines
    events = greenroom("warm", "--budget", "0", "--yes", "--json", site=copy).lines

    assert [event["type"] for event in other] == ["summary"]
    assert {event["type"] for event in events} == {"clip.started", "clip.progress", "clip.finished", "summary"}
    assert [event["intent"] for event in events if event["type"] == "clip.finished"] == ["dogs"]
    assert events[-1]["type"] == "summary"
    assert events[-1]["ended"] == "finished"
    assert events[-1]["clips_done"] == 1
    assert greenroom("plan", site=copy).code == 0


def counted(monkeypatch, owner, name):
    """Count how often a function or method is called; it does what it does."""
    calls: list[Any] = []
    call = getattr(owner, name)

    def called(*given: Any, **named: Any) -> Any:
        calls.append(given)
        return call(*given, **named)

    monkeypatch.setattr(owner, name, called)
    return calls


@pytest.mark.long
def test_warm_plans_once_and_opens_its_renderers_once(greenroom: Greenroom, copy, monkeypatch):
    reword(copy, "Guide dogs are very welcome.")
    plans, opened = counted(monkeypatch, planning, "make_plan"), counted(monkeypatch, LocalRenderer, "__init__")

    assert greenroom("warm", "--json", site=copy).lines[-1]["clips_done"] == 1
    assert (len(plans), len(opened)) == (1, 1)


@pytest.mark.long
def test_warm_tries_again_by_a_new_plan_and_the_same_renderers(greenroom: Greenroom, copy, monkeypatch):
    reword(copy, "Guide dogs are very welcome.")
    plans, opened = counted(monkeypatch, planning, "make_plan"), counted(monkeypatch, LocalRenderer, "__init__")
    submit, submits = LocalRenderer.submit, 0

    async def busy_at_first(self, job):
        nonlocal submits
        submits += 1
        if submits <= 3:  # all the tries of one run
            raise ProviderUnavailableError("Busy.")
        return await submit(self, job)

    monkeypatch.setattr(LocalRenderer, "submit", busy_at_first)
    monkeypatch.setattr("app.rendering.work.attempt.RETRY_S", 0.01)
    monkeypatch.setattr("app.rendering.work.warm_waits.AGAIN_AFTER_S", 0.01)
    monkeypatch.setattr("app.rendering.ledger.circuit_breaker.COOL_S", 1.0)

    assert greenroom("warm", "--wait", "600", "--json", site=copy).lines[-1]["clips_done"] == 1
    assert (len(plans), len(opened)) == (2, 1)


def test_warm_knows_no_such_intent(greenroom: Greenroom):
    told = greenroom("warm", "--only", "cake")

    assert told.code == 1
    assert "(intent_not_found)" in told.err
    assert "'cake'" in told.err


def test_renders_lists_one_a_clip(greenroom: Greenroom):
    plain, document = greenroom("renders"), greenroom("renders", "--json").document

    assert plain.out.count(" ready ") >= 10
    keys = [render["recipe_key"] for render in document["renders"] if render["state"] == "ready"]
    assert len(keys) == len(set(keys)) >= 10


# -- ask and eval ----------------------------------------------------------------------------------------------------


def test_ask_answers_and_says_why(greenroom: Greenroom):
    plain, verbose = greenroom("ask", "When are you open?"), greenroom("ask", "-v", "are you open on mondays")

    assert plain.code == 0
    assert plain.out.startswith("answer  opening-hours  exact")
    assert verbose.out.count("\n") > 3
    assert "The documents answer" in greenroom("ask", "-v", "Who paid for the repairs?").out


def test_ask_for_programs_has_the_decision_flat_and_the_receipt(greenroom: Greenroom):
    document = greenroom("ask", "When are you open?", "--json").document

    assert document["outcome"] == "answer"
    assert document["intent"] == "opening-hours"
    assert document["stage"] == "exact"
    assert document["receipt"]["thresholds"]["source"]
    assert {"score", "probability", "latency_ms", "choices"} <= set(document)


def test_ask_takes_a_batch_and_gives_a_line_each(greenroom: Greenroom, tmp_path):
    questions = [
        "When are you open?",
        "",
        "who invented the telephone",
        "Can I bring my dög? 🐶",
        "x" * 2000,
        "How much?",
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps({"text": text, "more": 1}) for text in questions) + "\n\n")

    told = greenroom("ask", "--batch", str(file), "--json")

    assert told.code == 0
    assert len(told.lines) == len(questions)
    wanted = {"outcome", "intent", "score", "probability", "stage", "latency_ms"}
    assert all(wanted <= set(line) for line in told.lines)
    assert [line["intent"] for line in told.lines[:3]] == ["opening-hours", None, None]
    assert all(0 <= line["probability"] <= 1 for line in told.lines)


@pytest.mark.parametrize("line", ['{"tex": "hello"}', "hello", "[]", '{"text": 5}', "5"])
def test_a_line_of_a_batch_that_is_no_question_is_named(greenroom: Greenroom, tmp_path, line):
    file = tmp_path / "questions.jsonl"
    file.write_text('{"text": "hello"}\n' + line)

    told = greenroom("ask", "--batch", str(file), "--json")

    assert told.code == 2
    assert told.out == ""
    assert "questions.jsonl:2" in told.err


def test_eval_reports_shares_with_their_intervals(greenroom: Greenroom):
    plain, told = greenroom("eval"), greenroom("eval", "--json")

    assert plain.code == told.code == (0 if told.document["passed"] else 1)
    assert "Promise" in plain.out
    assert len(told.document["results"]) == 3
    assert set(told.document["false_hit_rate"]) == {"value", "low", "high"}


def test_eval_fails_when_the_promise_is_broken(greenroom: Greenroom, tmp_path):
    wrong = {"tests": [{"ask": "When are you open?", "expect": "none"}] * 1}
    site = small_site(tmp_path, **{"tests.yaml": wrong})

    told = greenroom("eval", "--json", site=site)

    assert told.code == 1
    assert not told.document["passed"]


# -- doctor ----------------------------------------------------------------------------------------------------------


def test_doctor_is_content(greenroom: Greenroom):
    told = greenroom("doctor", "--json")

    assert told.code == 0
    assert told.document["ok"]
    assert {check["name"] for check in told.document["checks"]} >= {"catalog", "store", "database", "encoder", "voice"}


def test_doctor_names_what_must_be_mended(greenroom: Greenroom, tmp_path):
    told = greenroom("doctor", site=Site(tmp_path))

    assert told.code == 1
    assert "fail catalog" in told.out
    assert "greenroom check" in told.out
