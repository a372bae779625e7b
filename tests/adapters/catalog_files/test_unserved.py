"""Texts in a locale that the catalog does not serve: one finding for one cause, and the rest goes on without them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.adapters.catalog_files.loader import LoadResult, load_catalog
from app.catalog.findings import Level
from app.catalog.lint import lint
from app.runtime.wiring.clock import SystemClock
from tests.support.catalogs import FILES, Content, write_catalog

NAMES = ("dogs", "tickets", "opening-hours")


def german(**more: str) -> dict[str, Content]:
    """The three answers with their German, facts and tests."""
    files: dict[str, Any] = {}
    for name in NAMES:
        intent: Any = FILES[f"visiting/{name}.yaml"]
        english = intent["answer"]["en"]
        translated = {"phrases": {**intent["phrases"], "de": ["Eine Frage?"]}, "answer": {"en": english, "de": "Ja."}}
        files[f"visiting/{name}.yaml"] = {**intent, **translated}
    questions = [
        {"ask": "darf ich", "expect": "dogs", "locale": "de"},
        {"ask": "how expensive is a ticket", "expect": "tickets"},
        {"ask": "was kostet das", "expect": "tickets", "locale": "de"},
        {"ask": "who", "expect": "nobody"},
    ]
    return {**files, "tests.yaml": {"tests": questions}, **more}


def read(folder: Path, files: Mapping[str, Content], *, locales: tuple[str, ...] = ("en",)) -> LoadResult:
    return load_catalog(write_catalog(folder, files=files, locales=[*locales]))


def told(result: LoadResult) -> list[tuple[str, str, int, str]]:
    return [(one.level.value, one.file, one.line, one.rule) for one in result.findings]


def test_a_locale_that_is_taken_off_is_one_warning_and_its_texts_are_left_out(tmp_path: Path) -> None:
    facts = {"opening_hours": {"en": "from ten to six", "de": "von zehn bis sechs"}}
    prices = {"prices": {"adult": {"en": "twelve euros", "de": "zwölf Euro"}}}
    result = read(tmp_path, {**german(), "facts.yaml": {**facts, **prices}})

    assert told(result) == [("warning", "catalog.yaml", 4, "locale-unserved")]
    assert "got `de` in 4 files, as in `visiting/dogs.yaml:" in result.findings[0].message
    catalog = result.catalog
    assert catalog is not None
    assert {locale for one in catalog.intents for locale in (*one.answer, *one.phrases)} == {"en"}
    assert [one.ask for one in catalog.questions] == ["how expensive is a ticket", "who"]
    tickets = catalog.intent("tickets")
    assert tickets is not None
    assert tickets.answer == {"en": ("A ticket is twelve euros.",)}


def test_the_same_folder_with_the_locale_is_whole(tmp_path: Path) -> None:
    result = read(tmp_path, german(), locales=("en", "de"))

    assert result.findings == ()
    assert result.catalog is not None
    assert len(result.catalog.questions) == 4


def test_findings_about_the_other_questions_keep_their_lines(tmp_path: Path) -> None:
    result = read(tmp_path, german())
    assert result.catalog is not None

    found = lint(result.catalog, today=SystemClock().today(), places=result.places)

    text = (tmp_path / "intents" / "tests.yaml").read_text().splitlines()
    [unknown] = [one for one in found if one.file == "tests.yaml"]
    assert text[unknown.line - 1].strip() == "expect: nobody"


@pytest.mark.parametrize(
    ("locale", "hint"),
    [
        ("fr", "Add `fr` to `locales` in catalog.yaml, or remove it here."),
        ("dee", "Did you mean `de`? Else add `dee` to `locales` in catalog.yaml, or remove it here."),
        ("de-AT", "Did you mean `de`? Else add `de-AT` to `locales` in catalog.yaml, or remove it here."),
    ],
)
def test_a_locale_of_one_file_is_an_error_there_once(tmp_path: Path, locale: str, hint: str) -> None:
    dogs: Any = FILES["visiting/dogs.yaml"]
    texts = {"answer": {"en": "No.", locale: "Non."}, "phrases": {**dogs["phrases"], locale: ["x y", "z y"]}}
    result = read(tmp_path, {"visiting/dogs.yaml": {**dogs, **texts}}, locales=("en", "de"))

    [found] = result.findings
    assert (found.level, found.rule, found.file) == (Level.ERROR, "locale-unknown", "visiting/dogs.yaml")
    assert found.hint == hint
    assert result.catalog is not None, "other rules have their say"


def test_questions_of_one_locale_alone_are_an_error_at_the_first(tmp_path: Path) -> None:
    questions = (
        "- ask: x\n  expect: none\n- ask: y\n  expect: none\n  locale: de\n- ask: z\n  expect: none\n  locale: de\n"
    )
    result = read(tmp_path, {"tests.yaml": questions})

    assert told(result) == [("error", "tests.yaml", 5, "locale-unknown")]


def test_a_locale_that_is_hardly_begun_is_one_warning(tmp_path: Path) -> None:
    dogs: Any = FILES["visiting/dogs.yaml"]
    begun = {"answer": {**dogs["answer"], "de": "Nein."}, "phrases": {**dogs["phrases"], "de": ["Hund?"]}}
    result = read(tmp_path, {"visiting/dogs.yaml": {**dogs, **begun}}, locales=("en", "de"))
    assert result.catalog is not None

    found = lint(result.catalog, today=SystemClock().today(), places=result.places)

    [partial] = [one for one in found if one.rule == "locale-partial"]
    assert (partial.file, partial.line) == ("catalog.yaml", 4)
    assert partial.message == (
        "Expected `de` in all 8 intents, got it in 1: `apology`, `goodbye`, `greeting` and 4 more lack words in it."
    )


def test_a_group_by_country_stays_a_group(tmp_path: Path) -> None:
    dogs: Any = {**FILES["visiting/dogs.yaml"], "answer": {"en": "Shipping is {{ facts.shipping.at }}."}}  # type: ignore[dict-item]
    facts = {**FILES["facts.yaml"], "shipping": {"en": "five", "at": "nine", "ch": "twelve"}}  # type: ignore[dict-item]
    result = read(tmp_path, {"visiting/dogs.yaml": dogs, "facts.yaml": facts})

    assert result.findings == ()
    assert result.catalog is not None
    assert result.catalog.intent("dogs").answer == {"en": ("Shipping is nine.",)}  # type: ignore[union-attr]


def test_a_missing_fact_is_told_once_with_all_its_uses(tmp_path: Path) -> None:
    tickets = {**FILES["visiting/tickets.yaml"], "answer": {"en": "{{ facts.opening_hours }}."}}  # type: ignore[dict-item]

    result = read(tmp_path, {"facts.yaml": {"prices": {"adult": "twelve euros"}}, "visiting/tickets.yaml": tickets})

    [found] = [one for one in result.findings if one.rule == "fact-missing"]
    assert (found.file, found.line, found.hint) == ("visiting/opening-hours.yaml", 14, "Known: `prices.adult`.")
    assert found.message == (
        "Expected a fact of facts.yaml, got `opening_hours`. "
        "Also at visiting/opening-hours.yaml:15, visiting/opening-hours.yaml:20 and visiting/tickets.yaml:10."
    )


def test_a_fact_without_a_locale_is_told_once(tmp_path: Path) -> None:
    facts = {"opening_hours": {"de": "von zehn bis sechs"}, "prices": {"adult": "twelve euros"}}

    result = read(tmp_path, {"facts.yaml": facts}, locales=("en", "de"))

    [found] = result.findings
    assert found.message.startswith(
        "Expected the fact `opening_hours` in `en`, got other locales only. Also at visiting/"
    )
    assert found.hint == "Add `en:` to it in facts.yaml."
