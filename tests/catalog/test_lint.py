from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.adapters.catalog_files.loader import load_catalog
from app.catalog.confusable import PhrasePair
from app.catalog.findings import Finding, Level
from app.catalog.lint import RULES, lint
from app.catalog.rules.context import Measured, PortraitLook, PortraitProblem
from tests.support.catalogs import FILES, Content, write_catalog

TODAY = date(2026, 6, 1)
HOURS = "visiting/opening-hours.yaml"
DOGS = "visiting/dogs.yaml"
MIRA = "avatars/mira.yaml"


def linted(folder: Path, measured: Measured | None = None, **changes: Any) -> tuple[Finding, ...]:
    loaded = load_catalog(write_catalog(folder, **changes))
    assert loaded.catalog is not None, loaded.findings
    return lint(loaded.catalog, today=TODAY, places=loaded.places, measured=measured)


def changed(file: str, **keys: Any) -> dict[str, Content]:
    return {file: {key: value for key, value in {**FILES[file], **keys}.items() if value is not None}}


def consent(**keys: Any) -> dict[str, Content]:
    return changed(MIRA, consent={"subject": "Ada", "kind": "synthetic", **keys})


def test_a_good_catalog_has_no_finding(tmp_path: Path):
    assert linted(tmp_path) == ()


Expected = tuple[str, str, int, Level]
CASES: dict[str, tuple[Mapping[str, Content], Expected]] = {
    "shared phrase": (
        changed(DOGS, phrases={"en": [*FILES[DOGS]["phrases"]["en"], "when are you OPEN"]}),
        ("phrase-shared", HOURS, 4, Level.ERROR),
    ),
    "value of the page in words": (
        changed(DOGS, answer={"en": ["Bring it, {{ page.name | dear visitor }}."]}),
        ("page-variable-text", DOGS, 11, Level.WARNING),
    ),
    "repeated phrase": (
        changed(DOGS, phrases={"en": [*FILES[DOGS]["phrases"]["en"], "Can I bring my dog"]}),
        ("phrase-twice", DOGS, 9, Level.WARNING),
    ),
    "too few phrases": (
        changed(DOGS, phrases={"en": ["dog one", "dog two", "dog three", "dog four"]}),
        ("phrases-few", DOGS, 3, Level.WARNING),
    ),
    "near miss that is a phrase": (
        changed(DOGS, not_phrases={"en": ["is my puppy welcome"]}),
        ("phrase-refused", DOGS, 13, Level.ERROR),
    ),
    "no answer": (changed(DOGS, answer=None), ("answer-empty", DOGS, 0, Level.ERROR)),
    "blank answer": (changed(DOGS, answer={"en": [" "]}), ("answer-empty", DOGS, 11, Level.ERROR)),
    "long answer": (changed(DOGS, answer={"en": ["No. " * 150]}), ("answer-long", DOGS, 11, Level.WARNING)),
    "endless answer": (changed(DOGS, answer={"en": ["No. " * 900]}), ("answer-long", DOGS, 11, Level.ERROR)),
    "wordless answer": (changed(DOGS, answer={"en": ["…!"]}), ("answer-unspeakable", DOGS, 11, Level.ERROR)),
    "wordless phrase": (
        changed(DOGS, phrases={"en": [*FILES[DOGS]["phrases"]["en"], "?!"]}),
        ("phrase-wordless", DOGS, 9, Level.WARNING),
    ),
    "ended": (changed(DOGS, valid={"until": "2026-05-31"}), ("validity-ended", DOGS, 12, Level.WARNING)),
    "never valid": (
        changed(DOGS, valid={"from": "2026-09-01", "until": "2026-08-01"}),
        ("validity", DOGS, 13, Level.ERROR),
    ),
    "unknown next": (changed(DOGS, next=["opening-hour"]), ("reference", DOGS, 12, Level.ERROR)),
    "unknown then": (
        changed(DOGS, call={"function": "look", "then": "opening-hour"}),
        ("reference", DOGS, 13, Level.ERROR),
    ),
    "a function for ever": (
        changed(DOGS, call={"function": "look", "then": "dogs"}),
        ("call-circle", DOGS, 13, Level.ERROR),
    ),
    "next to itself": (changed(DOGS, next=["tickets", "dogs"]), ("reference-self", DOGS, 13, Level.WARNING)),
    "same id in two topics": (
        {"about/dogs.yaml": {"title": "x", "role": "holding", "answer": {"en": "x"}}},
        ("intent-twice", DOGS, 0, Level.ERROR),
    ),
    "missing role": ({"roles/apology.yaml": None}, ("role-missing", "catalog.yaml", 0, Level.WARNING)),
    "no consent": (changed(MIRA, consent=None), ("consent-missing", MIRA, 0, Level.ERROR)),
    "consent without evidence": (consent(kind="person", scope="all"), ("consent-evidence", MIRA, 5, Level.ERROR)),
    "consent without scope": (consent(kind="person", evidence="mira.png"), ("consent-scope", MIRA, 5, Level.ERROR)),
    "expired consent": (consent(until="2026-05-31"), ("consent-expired", MIRA, 8, Level.ERROR)),
    "ending consent": (consent(until="2026-06-20"), ("consent-ends", MIRA, 8, Level.WARNING)),
    "consent for other locales": (consent(locales=["de"]), ("consent-locales", MIRA, 8, Level.ERROR)),
    "no disclosure": (changed(MIRA, disclosure=None), ("disclosure-missing", MIRA, 0, Level.WARNING)),
    "unknown expectation": ({"tests.yaml": "- ask: x\n  expect: dog\n"}, ("reference", "tests.yaml", 2, Level.ERROR)),
    "unknown refusal": ({"tests.yaml": "- ask: x\n  not: dog\n"}, ("reference", "tests.yaml", 2, Level.ERROR)),
    "open question": ({"tests.yaml": "- ask: x\n"}, ("question-open", "tests.yaml", 1, Level.WARNING)),
    "impossible question": (
        {"tests.yaml": "- ask: x\n  expect: dogs\n  not: dogs\n"},
        ("question-contradicts", "tests.yaml", 3, Level.ERROR),
    ),
    "two outcomes": (
        {"tests.yaml": "- ask: x\n  expect: dogs\n- ask: X?\n  expect: none\n"},
        ("question-contradicts", "tests.yaml", 4, Level.ERROR),
    ),
    "against a phrase": (
        {"tests.yaml": "- ask: can I bring my dog\n  expect: none\n"},
        ("question-contradicts", "tests.yaml", 2, Level.ERROR),
    ),
    "against a near miss": (
        {"tests.yaml": "- ask: when was the museum opened for the first time\n  expect: opening-hours\n"},
        ("question-contradicts", "tests.yaml", 2, Level.ERROR),
    ),
}


@pytest.mark.parametrize(("files", "expected"), CASES.values(), ids=CASES.keys())
def test_each_fault_is_one_finding(tmp_path: Path, files: Mapping[str, Content], expected: Expected):
    findings = linted(tmp_path, files=files)

    assert [(one.rule, one.file, one.line, one.level) for one in findings] == [expected]
    assert findings[0].message.startswith("Expected ")
    assert findings[0].hint


def test_functions_that_call_each_other_are_a_circle_and_who_leads_into_it_is_not(tmp_path: Path):
    files = changed(DOGS, call={"function": "look", "then": "tickets"})
    files |= changed("visiting/tickets.yaml", call={"function": "look", "then": "dogs"})
    files |= changed(HOURS, call={"function": "look", "then": "dogs"})

    findings = linted(tmp_path, files=files)

    assert sorted((one.rule, one.file) for one in findings) == [
        ("call-circle", DOGS),
        ("call-circle", "visiting/tickets.yaml"),
    ]


def test_an_unknown_player_is_found_with_the_nearest_name(tmp_path: Path):
    findings = linted(tmp_path, roles={"idle": ["idel"]}, files={"roles/idle.yaml": None})

    assert [(one.rule, one.file) for one in findings] == [("reference", "catalog.yaml")]


def test_a_model_is_offered_only_intents_with_a_function(tmp_path: Path):
    fallback = {"responder": "chat", "calls": ["dogs", "tickets"]}
    files = changed(DOGS, call={"function": "look"})

    (finding,) = linted(tmp_path, fallback=fallback, files=files)

    assert (finding.rule, finding.file, finding.level) == ("reference", "catalog.yaml", Level.ERROR)
    assert "`tickets`" in finding.message


def test_half_translated_intents_are_named_one_by_one(tmp_path: Path):
    files = {
        name: {**content, "answer": {**content["answer"], "de": "Ja."}}
        for name, content in FILES.items()
        if name.startswith("roles/") and "answer" in content
    }
    files |= changed(DOGS, phrases={**FILES[DOGS]["phrases"], "de": list("abcde")}, answer={"en": "No.", "de": "Nein."})
    files |= changed(MIRA, disclosure={"en": "x", "de": "x"})

    findings = linted(tmp_path, files=files, locales=["en", "de"])

    assert [(one.rule, one.file) for one in findings] == [
        ("locale-partial", HOURS),
        ("locale-partial", "visiting/tickets.yaml"),
    ]
    assert "no `answer` and no `phrases`" in findings[0].message


def test_an_untranslated_locale_is_one_finding(tmp_path: Path):
    findings = linted(tmp_path, files=changed(MIRA, disclosure={"en": "x", "de": "x"}), locales=["en", "de"])

    assert [(one.rule, one.file, one.line) for one in findings] == [("locale-empty", "catalog.yaml", 4)]


def pair(**keys: Any) -> PhrasePair:
    given = {"cosine": 0.9, "own_cosine": 0.5, **keys}
    return PhrasePair("en", "dogs", 2, "Is my puppy welcome?", "tickets", "Am I welcome?", **given)


@pytest.mark.parametrize(
    ("measured", "expected"), [(pair(), 1), (pair(cosine=0.6), 0), (pair(own_cosine=0.89), 0), (pair(cosine=0.71), 1)]
)
def test_a_confusable_phrase_is_near_a_stranger_and_nearer_than_its_own(
    tmp_path: Path, measured: PhrasePair, expected: int
):
    findings = linted(tmp_path, Measured(pairs=(measured,)))

    assert [(one.rule, one.file, one.line) for one in findings] == [("phrase-confusable", DOGS, 6)] * expected


def test_the_portrait_is_judged_by_what_was_measured(tmp_path: Path):
    blurred = PortraitProblem("portrait-blurred", "Expected a sharp picture, got a blurred one.", level=Level.WARNING)

    findings = linted(tmp_path, Measured(portrait=PortraitLook(511, 900, (blurred,))))

    assert [(one.rule, one.line, one.level) for one in findings] == [
        ("portrait-small", 2, Level.ERROR),
        ("portrait-blurred", 2, Level.WARNING),
    ]


def test_the_estimate_of_speech_is_given(tmp_path: Path):
    findings = linted(tmp_path, Measured(seconds=lambda _text, _locale: 61.0, max_clip_s=60.0))

    assert {(one.rule, one.level) for one in findings} == {("answer-long", Level.ERROR)}


def test_without_places_the_file_is_still_named(tmp_path: Path):
    loaded = load_catalog(write_catalog(tmp_path, files=changed(DOGS, answer=None)))

    findings = lint(loaded.catalog, today=TODAY)

    assert [(one.file, one.line) for one in findings] == [(DOGS, 0)]


def test_every_rule_can_be_broken():
    assert len(RULES) == len(set(RULES))
    assert all(rule.__doc__ for rule in RULES)


WORDLESS = ["🙂", "❤️", "?!", " ", "\u200b", "\u3164", "ʼ", "_"]


@pytest.mark.parametrize("text", WORDLESS, ids=ascii)
def test_an_intent_whose_every_phrase_is_wordless_is_an_error(tmp_path: Path, text: str):
    findings = linted(tmp_path, files=changed(DOGS, phrases={"en": [text]}, not_phrases={"en": ["?"]}))

    assert [(one.rule, one.file, one.line, one.level) for one in findings] == [
        ("phrases-none", DOGS, 2, Level.ERROR),
        ("phrase-wordless", DOGS, 4, Level.WARNING),
        ("phrase-wordless", DOGS, 9, Level.WARNING),
    ]
    assert str(findings[0]) == (
        f"{DOGS}:2: error: Expected phrases with words, got 1 without any. "
        "Write what visitors ask, or remove `phrases` where only a chip is to lead here. [phrases-none]"
    )


def test_phrases_in_another_locale_are_enough(tmp_path: Path):
    phrases = {"en": ["🙂"], "de": ["Hund eins", "Hund zwei", "Hund drei", "Hund vier", "Hund fünf"]}
    findings = linted(tmp_path, files=changed(DOGS, phrases=phrases), locales=["en", "de"])

    assert [(one.rule, one.level) for one in findings if one.file == DOGS and "phrase" in one.rule] == [
        ("phrases-few", Level.WARNING),
        ("phrase-wordless", Level.WARNING),
    ]


@pytest.mark.parametrize("phrases", [{}, {"en": []}])
def test_an_intent_without_phrases_is_for_chips(tmp_path: Path, phrases: Mapping[str, list[str]]):
    findings = linted(tmp_path, files=changed(DOGS, phrases=phrases))

    assert [(one.rule, one.level) for one in findings] == [("phrases-few", Level.WARNING)]


def test_an_intent_that_tells_a_functions_result_needs_no_phrases(tmp_path: Path):
    told = {"title": "Told", "answer": {"en": "It is {{ page.look | lost }}."}}
    call = changed(DOGS, call={"function": "look", "then": "told"})

    findings = linted(tmp_path, files={**call, "visiting/told.yaml": told})

    assert "phrases-few" not in {one.rule for one in findings}


def test_two_intents_of_a_pack_are_not_confused_for_the_author(tmp_path: Path):
    files = {"desk/hours.yaml": FILES[HOURS]}
    catalog = load_catalog(write_catalog(tmp_path, starter=["small-talk"], files=files)).catalog
    assert catalog
    others = ("how-are-you", "dogs")
    near = [PhrasePair("en", "hello", 0, "Hello", other, "Hi", cosine=0.95, own_cosine=0.5) for other in others]

    found = lint(catalog, today=TODAY, measured=Measured(pairs=tuple(near)))

    assert [one.file for one in found if one.rule == "phrase-confusable"] == ["starters/small-talk/hello.yaml"]


def test_a_role_needs_no_phrases(tmp_path: Path):
    goodbye = "roles/goodbye.yaml"
    findings = linted(tmp_path, files=changed(goodbye, phrases={"en": ["👋"]}))

    assert [(one.rule, one.level) for one in findings] == [("phrase-wordless", Level.WARNING)]


def test_wordless_phrases_do_not_count(tmp_path: Path):
    findings = linted(tmp_path, files=changed(DOGS, phrases={"en": ["a dog", "my cat", "our horse", "pets", "🐶"]}))

    assert [one.rule for one in findings] == ["phrases-few", "phrase-wordless"]
    assert "got 4." in findings[0].message
