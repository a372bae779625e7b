"""The comparison itself: turns alternate, each row is replaced by its newer one, a museum is answered to the last."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.against import page
from tests.against.__main__ import measured
from tests.against.checkout import BASE, Version
from tests.against.figure import Figure, Row, Turn
from tests.against.figures import figures
from tests.against.widget_crowd import Ask, Crowd, asking, chips, come, texts

BEFORE, NOW = (Version(name, Path(), "", Path()) for name in (BASE, "now"))


def figure(said: list[str], **more: bool) -> Figure:
    @contextmanager
    def opened(version: Version) -> Iterator[Turn]:
        said.append(f"+{version.name}")

        def turn() -> dict[str, float]:
            said.append(version.name)
            return {"a": 10.0 if version is BEFORE else 25.0}

        yield turn
        said.append(f"-{version.name}")

    return Figure("some", {"a": Row("7", "speed", "a second", "more", "3 x", 3.0)}, opened, turns=2, **more)


def test_both_are_open_at_once_and_take_turns():
    said: list[str] = []

    before, now = measured(figure(said), BEFORE, NOW)

    assert said == [f"+{BASE}", "+now", BASE, "now", "now", BASE, "-now", f"-{BASE}"]
    assert (before, now) == ([{"a": 10.0}] * 2, [{"a": 25.0}] * 2)


def test_what_stands_alone_is_open_for_its_turn_only():
    said: list[str] = []

    measured(figure(said, alone=True), BEFORE, NOW, turns=1)

    assert said == [f"+{BASE}", BASE, f"-{BASE}", "+now", "now", "-now"]


def test_what_is_new_is_measured_for_itself_and_says_so():
    one = figure([], now_only=True)

    (line,) = page.lines(one, *measured(one, BEFORE, NOW))

    assert line.startswith("| 7 | speed | a second |  | 25 | now only | 3 x |  |")


def test_a_row_says_how_much_better_it_is_and_whether_that_is_enough():
    more = Row("1", "speed", "a second", "more", "3 x", 3.0)
    less = Row("2", "memory", "KiB", "less", "30", 1.5, digits=1)

    assert "| 10 | 25 | 2.50 x | 3 x | **no** |" in page.line(figure([]), more, [10.0], [25.0])
    assert "| 60.0 | 30.0 | 2.00 x | 30 | yes |" in page.line(figure([]), less, [60.0], [30.0])


def test_a_row_takes_the_place_of_its_older_one_and_words_stay(tmp_path):
    path = tmp_path / "against.md"
    page.put(path, ["| 10 | plans | old |", "| 2 | questions | old |"])
    path.write_text(path.read_text() + "\nWhere the time goes.\n")

    page.put(path, ["| 10 | plans | new |"])

    rows = [line for line in path.read_text().splitlines() if line.startswith("| ")][1:]
    assert rows == ["| 2 | questions | old |", "| 10 | plans | new |"]
    assert path.read_text().endswith("Where the time goes.\n")


def test_every_figure_is_registered_under_its_own_name():
    assert all(one.rows for one in figures().values())
    assert "answers" in figures()


@pytest.mark.long
def test_visitors_of_the_benchmark_are_answered_to_the_last(live_server):
    for ask in (chips(["opening-hours"]), texts(["When are you open?"])):
        heard = asyncio.run(asked(live_server, ask))
        assert heard.lost == []
        assert heard.answered == heard.asked > 0


@pytest.mark.long
def test_a_question_that_is_refused_is_told(live_server):
    heard = asyncio.run(asked(live_server, chips(["no-such-intent"])))

    assert (heard.answered, len(heard.lost)) == (0, 3)


async def asked(address: str, ask: Ask) -> Crowd:
    visitors = await come(address, 3, ask)
    heard = await asking(visitors, 0.5, os.getpid())
    for one in visitors:
        one.close()
    await asyncio.sleep(0.1)
    return heard
