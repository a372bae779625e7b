"""Merge inside a catalog file: two people's keys, lists and facts, with comments and form as they were written."""

import pytest

from app.adapters.catalog_files.merged_yaml import merge_yaml
from app.adapters.catalog_files.strict_yaml import parse
from app.authoring.releases.merge import FileVersions

HOURS = """# hours of the desk
title: Opening hours

# as they ask
phrases:
  en: [When are you open?, "What time, please?"]   # by phone
  de:
    - Wann offen?   # seldom
    - "Bis wann?"
answer:
  en: We are open {{ facts.hours }}.
  de: Wir haben offen.
next: [tickets, parking]
"""


def merged(base, theirs, mine, *, path="visiting/hours.yaml", prefer=None):
    return merge_yaml(FileVersions(path, base.encode(), theirs.encode(), mine.encode()), prefer)


def test_keys_and_phrases_of_both_stand_in_the_file_and_the_rest_is_as_it_was():
    theirs = HOURS.replace('please?"]', 'please?", Open on Sunday?]').replace("next: [tickets, parking]\n", "")
    mine = HOURS.replace('- "Bis wann?"', '- "Bis wann?"\n    - Sonntags?').replace("haben offen", "haben auf")

    found = merged(HOURS, theirs, mine)

    assert found.conflicts == ()
    assert parse(found.content).data == {
        "title": "Opening hours",
        "phrases": {
            "en": ["When are you open?", "What time, please?", "Open on Sunday?"],
            "de": ["Wann offen?", "Bis wann?", "Sonntags?"],
        },
        "answer": {"en": "We are open {{ facts.hours }}.", "de": "Wir haben auf."},
    }
    text = found.content.decode()
    assert text.startswith("# hours of the desk\ntitle: Opening hours\n\n# as they ask\n")
    assert all(part in text for part in ("# by phone", "# seldom", '"What time, please?"', "    - Sonntags?"))


def test_facts_in_one_group_are_merged_one_by_one():
    base = "prices:\n  adult: twelve\n  child: six\nhours: ten to six\n"
    theirs, mine = base.replace("twelve", "thirteen"), base.replace("six\nh", "seven\nh") + "phone: 030\n"

    found = merged(base, theirs, mine, path="facts.yaml")

    assert parse(found.content).data == {
        "prices": {"adult": "thirteen", "child": "seven"},
        "hours": "ten to six",
        "phone": parse(b"phone: 030").data["phone"],
    }


def test_an_answer_that_both_changed_is_shown_in_both_versions_and_the_file_stays():
    theirs, mine = HOURS.replace("We are", "Today we are"), HOURS.replace("We are", "Soon we are")

    found = merged(HOURS, theirs, mine)

    assert [(one.path, one.key) for one in found.conflicts] == [("visiting/hours.yaml", "answer.en")]
    assert [(one.theirs[:8], one.mine[:7], one.base[:6]) for one in found.conflicts] == [
        ("Today we", "Soon we", "We are")
    ]
    assert found.content == mine.encode()


@pytest.mark.parametrize(("side", "words"), [("mine", "Soon we are"), ("theirs", "Today we are")])
def test_the_preferred_side_wins_where_they_collide_and_nowhere_else(side, words):
    theirs = HOURS.replace("We are", "Today we are").replace("Opening hours", "Hours")
    found = merged(HOURS, theirs, HOURS.replace("We are", "Soon we are"), prefer=side)

    assert parse(found.content).data["answer"]["en"].startswith(words)
    assert parse(found.content).data["title"] == "Hours"


@pytest.mark.parametrize("head", ["tests:\n  ", ""])
def test_test_questions_of_both_are_asked(head):
    one, two, three = (f"- {{ask: {word}, expect: none}}\n" for word in ("one", "two", "three"))
    indent = "  " if head else ""

    found = merged(head + one, head + one + indent + two, head + one + indent + three, path="tests.yaml")

    data = parse(found.content).data
    asked = data["tests"] if head else data
    assert [item["ask"] for item in asked] == ["one", "three", "two"]


def test_a_comment_alone_is_taken_over():
    found = merged(HOURS, HOURS.replace("# as they ask", "# asked by phone"), HOURS.replace("haben offen", "sind da"))

    assert "# asked by phone" in found.content.decode()
    assert "sind da" in found.content.decode()


@pytest.mark.parametrize("broken", ["title: [", "{title: x, next: y}\n", "- a\n", "a: &x 1\n"])
def test_a_file_that_is_not_a_key_a_line_is_merged_as_a_whole_or_not_at_all(broken):
    found = merged(HOURS, HOURS.replace("haben offen", "sind da"), broken)

    assert [(one.key, one.mine) for one in found.conflicts] == [("", broken)]


def test_documents_are_not_merged_inside():
    found = merged("# Cats\n\nOne.\n", "# Cats\n\nTwo.\n", "# Cats\n\nThree.\n", path="knowledge/cats.md")

    assert [one.key for one in found.conflicts] == [""]


def test_windows_line_ends_are_no_conflict():
    mine = HOURS.replace("haben offen", "sind da").replace("\n", "\r\n")

    found = merged(HOURS, HOURS.replace("Opening hours", "Hours"), mine)

    assert (parse(found.content).data["title"], found.conflicts) == ("Hours", ())
