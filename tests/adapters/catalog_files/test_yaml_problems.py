"""What an author reads about YAML that cannot be read: the line of the fault, not the one after it."""

from pathlib import Path

import pytest

from app.adapters.catalog_files.loader import load_catalog
from app.adapters.catalog_files.strict_yaml import parse
from app.catalog.findings import Level
from tests.support.catalogs import write_catalog

HEAD = "title: Boats\nphrases:\n  en:\n    - May I moor?\n    - Where?\n"

FAULTS: dict[str, tuple[str, str, int, str]] = {
    "key without colon": (HEAD + "answer\n  en: Tie up.\n", "yaml-colon", 6, "Write `answer:`"),
    "first key without colon": ("title Boats\nphrases:\n  en: x\n", "yaml-colon", 1, "Write `title: Boats`"),
    "key without blank": ("title:Boats\nphrases:\n  en: x\n", "yaml-colon", 1, "Write `title: Boats`"),
    "wide colon": (HEAD + "answer：\n  en: x\n", "yaml-colon", 6, "plain colon"),
    "second colon": (HEAD + "answer:\n  en: two ways: by boat.\n", "yaml-colon", 7, "in quotes"),
    "no-break space": (HEAD + "answer:\n\u00a0\u00a0en: Tie up.\n", "yaml-blank", 7, "type spaces"),
    "no-break space before a dash": (
        HEAD.replace("    - W", "\u00a0\u00a0\u00a0\u00a0- W"),
        "yaml-blank",
        5,
        "type spaces",
    ),
    "tab": (HEAD + "answer:\n\ten: x\n", "yaml-tab", 7, "two spaces"),
    "tab in a later line": (HEAD + "answer:\n  en: x\n\tnext: y\n", "yaml-tab", 8, "two spaces"),
    "name in quotes": (HEAD + "answer:\n  en: 'Stella' takes you.\n", "yaml-quote", 7, "whole text"),
    "quotes in quotes": (HEAD + 'answer:\n  en: "Ask "Stella" now."\n', "yaml-quote", 7, "whole text"),
    "apostrophe in quotes": (HEAD + "answer:\n  en: 'The girl's boat.'\n", "yaml-quote", 7, "whole text"),
    "open quote": (HEAD + 'answer:\n  en: "Ask\nnext: a\n', "yaml-quote", 7, "Close the quote"),
    "open quote before another": (
        HEAD + 'answer:\n  en: "Ask\ncard:\n  title: "Boats"\n',
        "yaml-quote",
        7,
        "Close the quote",
    ),
    "backslash": (HEAD + 'answer:\n  en: "C:\\Users"\n', "yaml-quote", 7, "backslash"),
    "second line": (HEAD + "answer:\n  en: Tie up\n  below the house.\n", "yaml-indent", 8, "`en:`"),
    "second line that begins like a key": (
        HEAD + "answer:\n  en: Tie up, for\n  it is free.\n",
        "yaml-indent",
        8,
        "`en:`",
    ),
    "second line below closed quotes": (
        HEAD + 'answer:\n  en: "Tie up at\n    the steps."\ncard:\n  title: Boats\n  and ships\n',
        "yaml-indent",
        11,
        "`title:`",
    ),
    "second line at the margin": (
        HEAD + "answer:\n  en: Tie up\nbelow the house.\nnext: a\n",
        "yaml-indent",
        8,
        "`en:`",
    ),
    "second line of an item": (HEAD + "answer:\n  en:\n    - Tie up\n    below.\n", "yaml-indent", 9, "the dash"),
    "too little indented": (HEAD.replace("    - W", "   - W"), "yaml-indent", 5, "one below the other"),
    "first key too deep": (HEAD.replace("phrases:", " phrases:"), "yaml-indent", 2, "one below the other"),
    "key at one blank": (HEAD + " answer:\n  en: x\n", "yaml-indent", 6, "one below the other"),
    "dash without blank": (HEAD.replace("    - W", "    -W"), "yaml-dash", 5, "`- Where?`"),
    "dash beside a key": (HEAD + "answer: - text\n", "yaml-dash", 6, "line of its own"),
    "bold": (HEAD + "answer:\n  en: **Tie up** now.\n", "yaml-mark", 7, "`*`"),
    "italic": (HEAD + "answer:\n  en: *Tie up* now.\n", "yaml-alias", 7, "quote text"),
    "and": (HEAD + "answer:\n  en: & more.\n", "yaml-mark", 7, "`&`"),
    "greater": (HEAD + "answer:\n  en: > quoted\n", "yaml-mark", 7, "`>`"),
    "bar": (HEAD + "answer:\n  en: | quoted\n", "yaml-mark", 7, "`|`"),
    "at": (HEAD + "answer:\n  en: @home\n", "yaml-mark", 7, "`@`"),
    "per cent": (HEAD + "answer:\n  en: %x\n", "yaml-mark", 7, "`%`"),
    "comma": (HEAD + "answer:\n  en: , then\n", "yaml-mark", 7, "`,`"),
    "bracket first": (HEAD + "answer:\n  en: [a] then\n", "yaml-mark", 7, "`[`"),
    "question mark": (HEAD + "answer:\n  en: ? then\n", "yaml-mark", 7, "`?`"),
    "open bracket": (HEAD + "answer:\n  en: [a, b\nnext: x\n", "yaml-bracket", 7, "`]`"),
    "open brace": (HEAD + "card: {title: a, body: b\nnext: x\n", "yaml-bracket", 6, "`}`"),
    "comma in braces": (HEAD + "answer: {en: Book online, or call us}\n", "yaml-comma", 6, "in quotes"),
}


@pytest.mark.parametrize(("text", "rule", "line", "advice"), FAULTS.values(), ids=FAULTS.keys())
def test_says_where_and_what_to_write(text: str, rule: str, line: int, advice: str):
    (problem,) = parse(text.encode()).problems

    assert (problem.rule, problem.line) == (rule, line)
    assert problem.message.startswith("Expected ")
    assert advice in problem.hint or advice in problem.message


@pytest.mark.parametrize("name", ["facts.yaml", "tests.yaml"])
@pytest.mark.parametrize("text", ["opening hours 9 to 5\nprice 12\n", "[a, b]\n", "- [hello, where is it]\n", "12\n"])
def test_a_file_that_is_one_text_or_list_is_told(tmp_path: Path, name: str, text: str):
    result = load_catalog(write_catalog(tmp_path, files={name: text}))

    assert result.catalog is None
    assert name in {one.file for one in result.findings if one.level is Level.ERROR}
