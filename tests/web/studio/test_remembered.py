"""Figures that take long to count: how often they are, and what a reader gets meanwhile."""

import asyncio

from app.web.studio.remembered import TIMES, Remembered


class Counted:
    """A figure that takes so many seconds of a clock that only it moves."""

    def __init__(self, takes_s: float = 0.0) -> None:
        self.times, self.now, self.takes_s = 0, 0.0, takes_s
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def make(self) -> int:
        await self.may_go_on.wait()
        self.times += 1
        self.now += self.takes_s
        return self.times


def figure_of(counted, fresh_s=20.0):
    return Remembered(counted.make, lambda: counted.now, fresh_s=fresh_s)


async def test_a_figure_is_counted_again_when_it_is_old():
    counted = Counted()
    figure = figure_of(counted)

    seen = [await figure.read(), await figure.read()]
    counted.now += 21
    seen.append(await figure.read())

    assert seen == [1, 1, 2]


async def test_a_figure_that_takes_long_is_used_for_longer():
    counted = Counted(takes_s=5.0)
    figure = figure_of(counted)
    await figure.read()
    assert figure.took_s == 5.0

    counted.now += 5.0 * TIMES - 1
    assert await figure.read() == 1
    counted.now += 2
    assert await figure.read() == 2


async def test_who_does_not_wait_gets_the_last_one_and_can_tell():
    counted = Counted()
    figure = figure_of(counted)
    await figure.read()
    figure.forget()
    counted.may_go_on.clear()

    assert (await figure.read(0.01), figure.is_counting) == (1, True)

    counted.may_go_on.set()
    assert (await figure.read(60), figure.is_counting) == (2, False)
