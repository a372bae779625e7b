"""Starter packs: merged in as if they lay in the catalog, and always behind what the author wrote."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from app.adapters.catalog_files.archive import pack, unpack
from app.adapters.catalog_files.loader import load_catalog
from app.adapters.catalog_files.starters import kept_files, starters_of
from app.catalog.lint import lint
from app.catalog.model import Role
from app.matching.urgent.hearing import clauses, hear

PNG = Path(__file__).parents[3] / "intents" / "avatars" / "mira.png"
SMALL_TALK = {
    "hello",
    "how-are-you",
    "who-are-you",
    "are-you-real",
    "thanks",
    "goodbye",
    "you-are-stupid",
    "tell-a-joke",
    "what-can-you-do",
    "who-made-you",
}
GREETING = "title: Welcome\nrole: greeting\nanswer:\n  en: [Welcome.]\nnext: [hours]\n"
HOURS = "title: Hours\nphrases:\n  en: [When are you open?]\nanswer:\n  en: [Always.]\n"


def a_folder(root, starter, *, locales="[en]", default="en", facts="", files=None):
    (root / "avatars").mkdir(parents=True)
    shutil.copy(PNG, root / "avatars" / "mira.png")
    consent = "consent: {subject: Mira, kind: synthetic}\n"
    (root / "avatars" / "mira.yaml").write_text(f"name: Mira\nportrait: mira.png\n{consent}")
    head = f"name: Desk\navatar: mira\ndefault_locale: {default}\nlocales: {locales}\n"
    (root / "catalog.yaml").write_text(f"{head}starter: {starter}\n")
    if facts:
        (root / "facts.yaml").write_text(facts)
    for name, text in {"desk/welcome": GREETING, "desk/hours": HOURS, **(files or {})}.items():
        path = root / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return root


def loaded(root):
    result = load_catalog(root)
    assert result.catalog is not None, result.findings
    return result.catalog


def started(catalog):
    return {intent.id: intent for intent in catalog.intents if intent.starter}


def test_a_pack_is_merged_in_and_says_where_it_comes_from(tmp_path):
    catalog = loaded(a_folder(tmp_path / "c", "[small-talk]"))

    assert started(catalog).keys() == SMALL_TALK
    assert {intent.starter for intent in started(catalog).values()} == {"small-talk"}
    assert catalog.intent("hours").starter is None
    assert catalog.intent("hello").next == ("hours",)
    assert "Mira" in catalog.intent("who-are-you").answer["en"][0]


def test_a_single_intent_of_a_pack(tmp_path):
    catalog = loaded(a_folder(tmp_path / "c", "small-talk/tell-a-joke"))

    assert started(catalog).keys() == {"tell-a-joke"}


def test_without_a_pack_nothing_is_added(tmp_path):
    assert started(loaded(a_folder(tmp_path / "c", "[]"))) == {}


def words_in(locale):
    written = {"desk/welcome": GREETING, "desk/hours": HOURS}
    return {name: text.replace("en:", f"{locale}:") for name, text in written.items()}


@pytest.mark.parametrize(
    ("locales", "default", "answers"), [("[en]", "en", {"en"}), ("[de-AT, en]", "de-AT", {"de-AT", "en"})]
)
def test_a_catalog_gets_only_the_locales_that_it_has(tmp_path, locales, default, answers):
    words = words_in(default)

    catalog = loaded(a_folder(tmp_path / "c", "[small-talk, urgent]", locales=locales, default=default, files=words))

    for intent in started(catalog).values():
        assert intent.answer.keys() == intent.phrases.keys() == answers
    assert catalog.intent("hello").title == ("Hello" if default == "en" else "Hallo")


def test_a_language_that_a_pack_does_not_speak_is_a_finding(tmp_path):
    result = load_catalog(a_folder(tmp_path / "c", "[small-talk]", locales="[pt]", default="pt", files=words_in("pt")))

    assert [finding.rule for finding in result.findings] == ["starter-language"]


@pytest.mark.parametrize("locale", ["en", "de", "es", "fr", "it"])
def test_packs_are_whole_in_each_language_and_nothing_is_found_in_them(tmp_path, locale):
    folder = a_folder(
        tmp_path / "c", "[small-talk, urgent]", locales=f"[{locale}]", default=locale, files=words_in(locale)
    )
    catalog = loaded(folder)

    intents = started(catalog)
    assert len(intents) == len(SMALL_TALK) + 5
    assert [one.id for one in intents.values() if len(one.phrases[locale]) < 8] == []
    assert [one.id for one in intents.values() if one.role is Role.URGENT and not one.card_in(locale)] == []
    found = lint(catalog, today=date(2026, 11, 30))
    assert [one for one in found if one.file.startswith("starters/")] == []


@pytest.mark.parametrize("name", ["smalltalk", "small-talk/helo"])
def test_an_unknown_pack_is_a_finding_with_the_nearest_name(tmp_path, name):
    (finding,) = load_catalog(a_folder(tmp_path / "c", f"[{name}]")).findings

    assert finding.rule == "starter-unknown"
    assert finding.line == 5
    assert "small-talk" in finding.hint


def test_a_file_of_the_authors_own_replaces_the_packs(tmp_path):
    own = "title: Ahoy\nphrases:\n  en: [Ahoy]\nanswer:\n  en: [Ahoy to you.]\n"

    catalog = loaded(a_folder(tmp_path / "c", "[small-talk]", files={"desk/hello": own}))

    assert catalog.intent("hello").title == "Ahoy"
    assert len([intent for intent in catalog.intents if intent.id == "hello"]) == 1


def test_a_phrase_of_the_authors_own_is_taken_from_the_pack(tmp_path):
    own = "title: Jokes\nphrases:\n  en: [tell me a JOKE]\nanswer:\n  en: [No.]\n"

    catalog = loaded(a_folder(tmp_path / "c", "[small-talk]", files={"desk/jokes": own}))

    assert "Tell me a joke" not in catalog.intent("tell-a-joke").phrases["en"]


def test_the_authors_farewell_is_the_only_one(tmp_path):
    own = "title: Bye\nrole: farewell\nphrases:\n  en: [So long]\nanswer:\n  en: [So long.]\n"

    catalog = loaded(a_folder(tmp_path / "c", "[small-talk]", files={"desk/so-long": own}))

    assert catalog.roles[Role.FAREWELL] == ("so-long",)
    assert catalog.intent("goodbye") is None


def test_urgent_intents_stand_beside_the_authors_own(tmp_path):
    own = "title: Alarm\nrole: urgent\nphrases:\n  en: [There is a fire]\nanswer:\n  en: [Out.]\n"

    catalog = loaded(a_folder(tmp_path / "c", "[urgent/urgent-crisis]", files={"desk/alarm": own}))

    assert catalog.roles[Role.URGENT] == ("alarm", "urgent-crisis")


def test_the_number_is_a_fact(tmp_path):
    usual = loaded(a_folder(tmp_path / "a", "[urgent]"))
    own = loaded(a_folder(tmp_path / "b", "[urgent]", facts='emergency_number: "911"\n'))

    assert usual.intent("urgent-fire").card.url == "tel:112"
    assert own.intent("urgent-fire").card.url == "tel:911"


def test_every_phrase_of_the_urgent_pack_is_heard(tmp_path):
    catalog = loaded(a_folder(tmp_path / "c", "[urgent]", locales="[en, de]"))

    phrases = [text for one in started(catalog).values() for texts in one.phrases.values() for text in texts]

    assert [text for text in phrases if hear(clauses(text)) is None] == []


def test_a_release_keeps_its_packs(tmp_path):
    root = a_folder(tmp_path / "c", "[small-talk]")
    unpack(pack(root, kept_files(root, frozenset({"small-talk"}))), tmp_path / "release")
    kept = tmp_path / "release" / ".starters" / "small-talk" / "hello.yaml"

    assert loaded(tmp_path / "release").digest == loaded(root).digest
    assert starters_of(root) != starters_of(tmp_path / "release")

    kept.write_text(kept.read_text().replace("Hello, and welcome", "Hello, as it was"))

    assert "as it was" in loaded(tmp_path / "release").intent("hello").answer["en"][0]
