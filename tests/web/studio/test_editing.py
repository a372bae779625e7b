"""Editing in the Studio: what was typed stays, nothing is written before a person agrees, and nobody's work is lost."""

import subprocess

import pytest

from app.runtime.settings.api_keys import KeyRole
from tests.support.fake_web import FakeContainer
from tests.web.studio.visits import Person, a_desk, a_person

HOURS = "visiting/opening-hours.yaml"
COMMENTED = """# The one everybody asks for.
title: Opening hours
phrases:
  en:
    - When are you open?  # most asked
    - What are your opening hours?
    - What time do you close on Saturdays?
answer:
  en: We are open {{ facts.opening_hours }}.
"""


@pytest.fixture
def container(tmp_path) -> FakeContainer:
    made = a_desk(tmp_path)
    (made.site.settings.catalog / HOURS).write_text(COMMENTED)
    return made


@pytest.fixture
def author(container: FakeContainer) -> Person:
    person = a_person(container)
    person.sign_in(KeyRole.AUTHOR)
    return person


def written(container: FakeContainer, file: str = HOURS) -> str:
    return (container.site.settings.catalog / file).read_text()


def fields_of(author: Person, **changed: object) -> dict[str, object]:
    """The form as it is loaded, with some fields changed."""
    page = author.get("intents/opening-hours/edit").text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    locales = {f"{part}-locales": "en" for part in ("phrases", "not_phrases", "answer")}
    loaded = {
        "title": "Opening hours",
        "phrases.en": "When are you open?\nWhat are your opening hours?\nWhat time do you close on Saturdays?",
        "answer.en": ["We are open {{ facts.opening_hours }}.", ""],
        "not_phrases.en": "",
    }
    return {"csrf": author.csrf, "seen": seen, **locales, **loaded, **changed}


def save(author: Person, place: str = "intents/opening-hours/edit", **fields: object):
    return author.client.post(f"/studio/{place}", data=fields, follow_redirects=False)


def test_the_form_shows_what_was_typed(author: Person) -> None:
    page = author.get("intents/opening-hours/edit").text

    assert "We are open {{ facts.opening_hours }}." in page
    assert "When are you open?\nWhat are your opening hours?" in page


def test_nothing_is_written_before_somebody_agrees(author: Person, container: FakeContainer) -> None:
    fields = fields_of(author, **{"answer.en": ["Open {{ facts.opening_hours }}, every day."]})

    shown = save(author, **fields)

    assert shown.status_code == 200
    assert "Nothing is written yet" in shown.text
    assert "Open {{ facts.opening_hours }}, every day." in shown.text
    assert written(container) == COMMENTED


def test_what_is_agreed_to_is_written_and_the_rest_stays(author: Person, container: FakeContainer) -> None:
    fields = fields_of(author, **{"answer.en": ["Open {{ facts.opening_hours }}, every day."]}, agreed="yes")

    answer = save(author, **fields)

    assert answer.status_code == 303
    text = written(container)
    assert "Open {{ facts.opening_hours }}, every day." in text
    assert "# most asked" in text
    assert "# The one everybody asks for." in text
    edited = [row.act for row in container.audit.rows if row.act.action == "catalog.edited"]
    assert [(act.actor, act.subject) for act in edited] == [("key the-author (author)", HOURS)]


def test_a_form_that_changes_nothing_says_so(author: Person) -> None:
    answer = save(author, **fields_of(author))

    assert answer.headers["location"].endswith("edit?done=same")


def test_a_file_that_changed_meanwhile_is_not_written_over(author: Person, container: FakeContainer) -> None:
    fields = fields_of(author, title="Hours", agreed="yes")
    theirs = COMMENTED.replace("most asked", "asked daily")
    (container.site.settings.catalog / HOURS).write_text(theirs)

    answer = save(author, **fields)

    assert answer.status_code == 409
    assert written(container) == theirs


def test_a_mistake_is_told_and_not_written(author: Person, container: FakeContainer) -> None:
    fields = fields_of(author, **{"answer.en": ["Open {{ facts.opening_hour }}."]}, agreed="yes")

    answer = save(author, **fields)

    assert answer.status_code == 422
    assert "opening_hours" in answer.text
    assert written(container) == COMMENTED


def test_lint_comes_while_one_types_with_the_words_as_they_are_spoken(author: Person) -> None:
    good = save(author, "intents/opening-hours/check", **fields_of(author)).json()
    fields = fields_of(author, **{"answer.en": ["Open {{ facts.nothing }}."]})
    bad = save(author, "intents/opening-hours/check", **fields).json()

    assert good == {"findings": [], "spoken": {"en": ["We are open from ten to six."]}}
    assert bad["findings"][0]["level"] == "error"
    assert "got `nothing`" in bad["findings"][0]["message"]


def test_a_fact_is_changed_where_it_stands(author: Person, container: FakeContainer) -> None:
    page = author.get("facts").text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    fields = {"csrf": author.csrf, "seen": seen, "fact.prices.adult": "thirteen euros", "agreed": "yes"}

    answer = save(author, "facts", **fields)

    assert answer.status_code == 303
    assert "adult: thirteen euros" in written(container, "facts.yaml")
    assert "opening_hours: from ten to six" in written(container, "facts.yaml")


def test_a_commit_is_made_where_one_is_asked_for(author: Person, container: FakeContainer) -> None:
    folder = container.site.settings.catalog
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    identity = ["-c", "user.name=t", "-c", "user.email=t@t.invalid"]
    subprocess.run(["git", *identity, "commit", "-qm", "first"], cwd=folder, check=True)
    (folder / "visiting" / "dogs.yaml").write_text(written(container, "visiting/dogs.yaml") + "# mine, unfinished\n")

    save(author, **fields_of(author, title="Hours", agreed="yes", commit="yes", message="Say it shorter"))

    log = subprocess.run(
        ["git", "log", "-1", "--name-only", "--format=%an|%s"], cwd=folder, check=True, capture_output=True, text=True
    )
    assert log.stdout.split("\n\n") == ["key the-author (author)|Say it shorter", f"{HOURS}\n"]
    assert "Say it shorter" in author.get("intents/opening-hours/history").text


def test_a_starter_has_no_file_to_edit(author: Person, container: FakeContainer) -> None:
    assert author.get("intents/nowhere/edit").status_code == 422
