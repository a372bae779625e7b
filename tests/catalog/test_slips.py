import pytest

from app.adapters.catalog_files.strict_yaml import parse
from app.catalog.slips import judge


def judged(text: str, file: str = "desk/a.yaml") -> list[tuple[str, int]]:
    document = parse(text.encode())
    assert document.problems == ()
    return [(one.rule, one.line or document.lines[one.path]) for one in judge(file, document.slips)]


DROPPED = [
    "answer:\n  en: Ask at desk # 5 beside the door.",
    "answer:\n  en: We are the #1 shop.",
    "answer:\n  en: Ask at the desk # the red one.",
    "answer:\n  en: Straße zum Café # 7, dann rechts.",
    "phrases:\n  en: Where is the desk # the red one?",
    "title: Gate #4",
    "title: # 4 gates",
    "card:\n  body: desk # 5",
]


@pytest.mark.parametrize("text", DROPPED)
def test_finds_words_that_became_a_comment(text: str):
    assert judged(text) == [("yaml-comment", text.count("\n") + 1)]


@pytest.mark.parametrize(
    "text",
    [
        "answer:\n  en: Ask at the desk.  # 5 times a day",
        "answer:\n  en: Ask at the desk  # 5 times a day",
        "title:  # what its chip says",
        "answer:\n  en: Ask at the desk. # it is red",
        "answer:\n  en: Goodbye          # short",
        "answer:\n  en: 'Ask at desk' # 5",
        "answer:\n  en: Ask at C# meetings.",
        "phrases:\n  en:\n    - Where is the desk?  # asked often\n    - desk # seldom",
        "title: Boats               # what its chip says",
        "locales: [en]  # 2 later\navatar: mira # 5",
        "role: answer # 5",
        "phrases: # eight or more\n  en: # 5 at least\n    - a",
    ],
)
def test_leaves_comments_alone(text: str):
    assert judged(text) == []


@pytest.mark.parametrize("text", ["adult: 12.50 # 2026 price list", "day: 2026-12-24 # 5 pm", "late: 10:30 #1"])
def test_leaves_a_figures_comment_alone(text: str):
    assert judged(text, "facts.yaml") == []


@pytest.mark.parametrize("text", ["- ask: who are you\n  expect: [hello, goodbye]", "- ask: [hello, where is it now]"])
def test_leaves_lists_of_questions_and_facts_alone(text: str):
    assert judged(text, "tests.yaml") == []
    assert judged(text, "facts.yaml") == []


def test_looks_at_every_fact_and_question():
    assert judged("desk: number # 5", "facts.yaml") == [("yaml-comment", 1)]
    assert judged("- ask: where is desk # 5\n  expect: none", "tests.yaml") == [("yaml-comment", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "answer:\n  en: [Book online, or call us.]",
        "answer:\n  en: [Hello my friend, nice to see you.]",
        "phrases:\n  en: [Book online, or call us]",
        "phrases:\n  en: [Where is it, please]",
        "phrases:\n  en: ['quoted', 'too', Hello, where is it?]",
        "phrases:\n  de: [Kann ich parken, oder nicht?]",
        "phrases:\n  de: [Wenn es regnet, was dann?]",
        "phrases:\n  es: [Hola, ¿dónde están ustedes?]",
        "phrases:\n  en: [a berth, excuse me, where is it]",
        "not_phrases:\n  fr: [Bonjour, où est la gare?]",
    ],
)
def test_finds_texts_cut_at_their_comma(text: str):
    assert judged(text) == [("yaml-comma", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "phrases:\n  en: [Where can I park?, parking, car park, Is there a garage?]",
        "phrases:\n  en: [When are you open, opening hours, open today]",
        "phrases:\n  en: ['Hello, where is it?', \"If it rains, what then?\"]",
        "phrases:\n  es: [aparcar, en coche, a pie, sin coche]",
        "answer:\n  en: [Yes., No., Perhaps!]",
        'answer:\n  en: [Goodbye, "Take care, and come again."]',
        "next: [hello, or-else, please]",
        "phrases: {en: [hello, hi, hey there, good morning]}",
        "phrases: {en: [hi, how are you today?, thanks, thank you very much]}",
        "phrases:\n  de: [hallo, guten tag, servus]",
        "phrases:\n  de: [Wenn ich krank bin, wenn ich absage]",
        "phrases:\n  en: [May I come by boat?, Hello]",
        "answer: {en: [Yes, Of course]}",
        "title: Desk\nvalid: [hello, where is it now]",
    ],
)
def test_leaves_short_lists_alone(text: str):
    assert judged(text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("phrases:\n  en:\n    – Where is it?\n    – When?", 3),
        ("answer:\n  en:\n    • Come here.\n    • Go there.", 3),
        ("phrases:\n  en:\n    -Where is it?\n    -When?", 3),
        ("phrases:\n  en:\n    - Where is it?\n      - When?", 4),
        ("phrases:\n  en:\n    - Where is it?\n      –When?", 4),
        ("title: •Boats", 1),
        ("answer:\n  en: You need\n    – a rope\n    – a flag", 3),
        ("answer:\n  en: You need\n    - a rope\n    - a flag", 3),
        ("answer:\n  en:\n    - Tie up.\n      - Come here.", 4),
        ("answer:\n  en: You need\n    • a rope", 3),
        ("answer:\n  en: You need\n    –a rope", 3),
        ("phrases:\n  en:\n    Where is it?\n    When?", 2),
        ("phrases:\n  en:\n    the quay\n    a berth\n    mooring", 2),
        ("phrases:\n  en:\n    - Where is it?\n      When?", 3),
    ],
)
def test_finds_lists_that_are_none(text: str, line: int):
    assert judged(text) == [("yaml-dash", line)]


@pytest.mark.parametrize(
    "text",
    [
        "answer:\n  en: We open\n    at ten – rain or shine,\n    even at −5 degrees.",
        "answer:\n  en: We open at ten\n    – rain or shine.",
        "answer:\n  en:\n    - We open at ten\n      - rain or shine - or so.\n    - Come at ten\n      — or later.",
        "card:\n  title: Hours\n  body: We open at ten\n    – rain or shine.",
        "answer:\n  en: |\n    - one\n    - two",
        "phrases:\n  en:\n    - -5 degrees",
        'title: "– Boats"',
        "phrases:\n  en:\n    - How do I come to the quay with my boat from the other side,\n      and back again?",
        "answer:\n  en: Is it late?\n    Then wait.",
    ],
)
def test_leaves_dashes_in_prose_alone(text: str):
    assert judged(text) == []


@pytest.mark.parametrize(
    "text", ["opening hours 9 to 5\nprice 12\n", "hours # 5", "– hours\n– price", "hours\n- price\n- day"]
)
@pytest.mark.parametrize("file", ["facts.yaml", "tests.yaml", "desk/a.yaml"])
def test_a_file_that_is_one_text_has_no_slips(file: str, text: str):
    assert judged(text, file) == []


@pytest.mark.parametrize("text", ["[thanks, thank you, or not]", "[[hello, where is it]]"])
@pytest.mark.parametrize("file", ["facts.yaml", "tests.yaml"])
def test_a_file_that_is_one_list_has_no_phrases(file: str, text: str):
    assert judged(text, file) == []
