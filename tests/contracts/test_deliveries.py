"""One suite for all stores of deliveries."""

from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.sql.deliveries.store import SqlDeliveries
from app.conversation.page.deliveries import TRIES_S, Delivery, MemoryDeliveries
from app.errors import RateLimitedError

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
HELD = NOW + timedelta(minutes=5)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def deliveries(request, opened):
    if request.param == "memory":
        return MemoryDeliveries()
    return SqlDeliveries(await opened(request.param))


def a_delivery(ref: str = "q1", *, session: str = "s1", at: datetime = NOW) -> Delivery:
    return Delivery.of("form.answered", ref, {"values": {"name": "Ada “A.”"}}, session=session, at=at)


async def test_what_is_kept_is_taken_once_until_it_is_due_again(deliveries):
    one = a_delivery()
    await deliveries.keep(one)
    await deliveries.keep(one)

    assert await deliveries.take(NOW - timedelta(seconds=1), until=HELD) in ([], ())
    [taken] = await deliveries.take(NOW, until=HELD)
    assert taken == one
    assert list(await deliveries.take(NOW, until=HELD)) == []
    assert [again.id for again in await deliveries.take(HELD, until=HELD + timedelta(minutes=5))] == [one.id]
    assert await deliveries.waiting() == 1


async def test_the_oldest_come_first_and_no_more_than_asked_for(deliveries):
    for number in range(4):
        await deliveries.keep(a_delivery(f"q{number}", at=NOW - timedelta(seconds=number)))

    taken = await deliveries.take(NOW, until=HELD, most=3)

    assert [one.at for one in taken] == [NOW - timedelta(seconds=number) for number in (3, 2, 1)]


async def test_one_that_failed_waits_longer_each_time_and_is_given_up(deliveries):
    await deliveries.keep(a_delivery())
    [taken] = await deliveries.take(NOW, until=HELD)
    later = taken.failed("503 " * 100, NOW)
    assert later is not None
    await deliveries.wait(later)

    assert list(await deliveries.take(NOW + timedelta(seconds=29), until=HELD)) == []
    [again] = await deliveries.take(NOW + timedelta(seconds=30), until=HELD)
    assert (again.tries, len(again.trouble)) == (1, 200)
    tries = 1
    while again := again.failed("503", NOW):
        tries += 1
    assert tries + 1 == len(TRIES_S)


async def test_what_was_taken_or_erased_is_gone(deliveries):
    mine, other, third = a_delivery(), a_delivery("q2"), a_delivery(session="s2")
    for one in (mine, other, third):
        await deliveries.keep(one)
    await deliveries.done(mine.id)

    assert await deliveries.forget("s1") == 1
    later = other.failed("late", NOW)
    assert later is not None
    await deliveries.wait(later)
    assert [one.id for one in await deliveries.take(HELD, until=HELD)] == [third.id]


async def test_what_is_too_old_expires(deliveries):
    old, young = a_delivery(at=NOW - timedelta(days=30)), a_delivery("q2")
    for one in (old, young):
        await deliveries.keep(one)

    assert await deliveries.of_session("s1") == (old, young)
    assert await deliveries.expire(before=NOW) == 1
    assert await deliveries.of_session("s1") == (young,)
    assert await deliveries.of_session("s2") == ()
    assert await deliveries.waiting() == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_without_a_webhook_nothing_is_added_and_what_is_there_is_forgotten(opened, kind):
    database = await opened(kind)
    await SqlDeliveries(database).keep(a_delivery())
    without = SqlDeliveries(database, keeps=False)
    await without.keep(a_delivery("q2"))

    assert await without.waiting() == 1
    assert await without.forget("s1") == 1


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgresql"])
async def test_only_so_many_wait_and_one_that_waits_may_come_again(opened, kind):
    few = MemoryDeliveries(most=2) if kind == "memory" else SqlDeliveries(await opened(kind), most=2)
    for ref in ("q1", "q2", "q1"):
        await few.keep(a_delivery(ref))

    with pytest.raises(RateLimitedError):
        await few.keep(a_delivery("q3"))

    assert await few.waiting() == 2
    await few.done(a_delivery("q1").id)
    await few.keep(a_delivery("q3"))
    assert await few.waiting() == 2
