"""Quick reader of plain YAML: what it reads, the strict reader reads alike."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.catalog_files import strict_yaml
from app.adapters.catalog_files.plain_yaml import read_plain

SAMPLE = Path(__file__).parents[3] / "intents"

PLAIN = """\
title: Opening hours
titles: {es: Horario, de: "Öffnungszeiten, heute"}
phrases:
  en:
    - When are you open?

    - '10:30 to 12: really'
  de-AT: [Wann haben Sie offen, "Bis wann, bitte", 5]
answer:
  en: We are open {{ facts.hours }}, (not) on *Mondays*.
interruptible: false
next: [tickets, getting-here]
valid:
  from: 2026-01-01
  price: 12.50
"""

BEGINNINGS = ["", "- ", "- - ", "a: ", "a:", "b: ", "en:", "en: ", "d: - ", "? ", "a : ", "a:x"]
ENDS = r"""
yes sir|true|12|0x1F|1e3|~|null|"quoted"|'it'|"a\nb"|'it''s'|[a, b]|[a , b]|[a, b|[a?, b]|["a, b", c]|{a: b}
{a: b, a: c}|{a: b, c}|{a}|*x|&x y|!t z|>|a: b|a:|é|¿qué?|- x|• x|a - b| x|x |x #y|#y|---|...|%A|@a|`a
[]|{}|''|""|[1, 2]|don't
[don't, I'm]|{{ facts.a }} b|b {{ facts.a }}|12:30|2026-01-01
""".replace("\n", "|").split("|")
ODD = ["", "", "| ", "a\tb", "a\u00a0b", "a\u2028b", "a\x85b", "\ufeffx", "x\u200b"]
INDENTS = ["", "  ", "  ", "    ", "      "]
LINES = st.lists(
    st.tuples(st.sampled_from(INDENTS), st.sampled_from(BEGINNINGS), st.sampled_from(ENDS + ODD)), max_size=8
)


@given(LINES, st.sampled_from(["", "\n"]))
def test_it_agrees_with_the_strict_reader_or_leaves_the_file_to_it(lines: list[tuple[str, str, str]], end: str) -> None:
    text = "\n".join("".join(line) for line in lines) + end
    plain = read_plain(text)
    if plain is not None:
        strict = strict_yaml._Builder(text).document()
        assert (plain.data, plain.lines, plain.written) == (strict.data, strict.lines, strict.written)
        assert [repr(value) for value in plain.data.values()] == [repr(value) for value in strict.data.values()]  # type: ignore[attr-defined]
        assert tuple(plain.slips) == strict.slips
        assert not strict.problems


def test_it_reads_what_most_files_are_made_of() -> None:
    plain = read_plain(PLAIN)
    strict = strict_yaml._Builder(PLAIN).document()

    assert plain is not None
    assert plain.data == strict.data
    assert plain.lines == strict.lines
    assert (
        plain.written
        == strict.written
        == {
            ("interruptible",): "false",
            ("valid", "price"): "12.50",
            ("phrases", "de-AT", 2): "5",
        }
    )
    assert tuple(plain.slips) == strict.slips != ()


@pytest.mark.parametrize("file", sorted(SAMPLE.rglob("*.yaml")), ids=lambda file: file.stem)
def test_the_samples_files_read_alike(file: Path) -> None:
    text = strict_yaml.decode(file.read_bytes())
    plain, strict = read_plain(text), strict_yaml._Builder(text).document()

    assert plain is None or (plain.data, plain.lines, tuple(plain.slips)) == (strict.data, strict.lines, strict.slips)


def test_most_of_the_samples_intents_are_plain() -> None:
    files = [file for file in SAMPLE.rglob("*.yaml") if file.parent != SAMPLE]

    assert sum(read_plain(strict_yaml.decode(file.read_bytes())) is not None for file in files) > len(files) / 2


@pytest.mark.parametrize("text", ["", "\n", "a:\n", "a: b # c\n", "a: b\r\n", "- a\n", "a: |\n  b\n", "a: b\na: c\n"])
def test_everything_else_is_left_to_the_strict_reader(text: str) -> None:
    assert read_plain(text) is None
