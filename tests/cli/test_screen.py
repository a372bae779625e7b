"""Others' words on the screen: as they are, without markup and without controls."""

from io import StringIO

from app.cli.output import PlainTable, Screen

HOSTILE = "closed [/red] [link=https://evil.example]here[/link] \x1b[31mred\x9b2J\u202e \U000e0041end"
SHOWN = "closed [/red] [link=https://evil.example]here[/link] [31mred2J end"


def shown(printed: object) -> str:
    file = StringIO()
    Screen(file=file, highlight=False, soft_wrap=True, force_terminal=True, width=200).print(printed, markup=False)
    return file.getvalue()


def test_a_visitors_words_are_no_markup_in_a_table():
    table = PlainTable("times", "question")
    table.add_row("3", HOSTILE)

    written = shown(table)

    assert SHOWN in written
    assert "\x9b" not in written


def test_lines_stay_and_controls_go():
    assert shown(f"one\n{HOSTILE}\ntwo") == f"one\n{SHOWN}\ntwo\n"
