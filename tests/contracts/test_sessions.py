"""One suite for every store of sessions, and one for every tally."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.sql.engine import Database
from app.adapters.sql.quota import SqlQuota
from app.adapters.sql.sessions import SqlSessions
from app.conversation.rate_limits import GenerationCaps, MemoryQuota
from app.conversation.session_store import Frames, MemorySessions, SessionChange, SessionClaim, StoredSession
from app.errors import GenerationCappedError, StateUnavailableError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALIVE = NOON - timedelta(minutes=7)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def database(request, opened):
    if request.param == "memory":
        return None
    return await opened(request.param)


@pytest.fixture
def sessions(database):
    return SqlSessions(database) if database else MemorySessions()


@pytest.fixture
def tally(database):
    return SqlQuota(database) if database else MemoryQuota()


def a_session(session="s1", *, node="n1", fence=1, token="t1", **more) -> StoredSession:  # noqa: ANN003, S107
    return StoredSession(
        session, node, fence, token, more.pop("spare", None), more.pop("seq", 2), more.pop("state", "{}")
    )


def a_change(kept=None, *, frames=(1, 2), dealt_with=0, is_new=True) -> SessionChange:
    listed = Frames(frames[0], frames[1], f"[{frames[0]}]") if frames else None
    return SessionChange(kept or a_session(), listed, dealt_with, is_new)


def a_claim(session="s1", *, node="n2", shown="t1", token="t2", at=NOON) -> SessionClaim:  # noqa: S107
    return SessionClaim(session, node, shown, token, at, at - timedelta(minutes=7))


async def test_what_was_saved_is_claimed_by_another_node(sessions):
    await sessions.save([a_change()], now=NOON)
    await sessions.save([a_change(a_session(seq=4, state='{"a":1}'), frames=(3, 4), is_new=False)], now=NOON)

    claimed = await sessions.claim(a_claim())

    assert claimed.session == a_session(node="n2", fence=2, token="t2", spare="t1", seq=4, state='{"a":1}')
    assert [(one.first, one.last, one.json) for one in claimed.frames] == [(1, 2, "[1]"), (3, 4, "[3]")]


async def test_the_node_before_writes_nothing_any_more(sessions):
    await sessions.save([a_change()], now=NOON)
    await sessions.claim(a_claim())

    lost = await sessions.save(
        [a_change(a_session(seq=9), frames=(3, 9), is_new=False), a_change(a_session("s2"))], now=NOON
    )
    again = await sessions.claim(a_claim(node="n3", shown="t2", token="t3"))

    assert lost == {"s1"}
    assert (again.session.seq, again.session.fence) == (2, 3)
    assert [one.last for one in again.frames] == [2]


async def test_moves_are_told_to_the_node_before(sessions):
    await sessions.save([a_change(), a_change(a_session("s2"))], now=NOON)
    await sessions.claim(a_claim())

    assert await sessions.moved("n1", since=NOON) == {"s1"}
    assert await sessions.moved("n1", since=NOON + timedelta(seconds=1)) == frozenset()
    assert await sessions.moved("n2", since=NOON) == frozenset()


@pytest.mark.parametrize(
    "claim",
    [a_claim(shown="other"), a_claim("s9"), a_claim(at=NOON + timedelta(minutes=8))],
    ids=["another token", "no such session", "too late"],
)
async def test_what_is_not_to_be_had_is_not_claimed(sessions, claim):
    await sessions.save([a_change()], now=NOON)

    assert await sessions.claim(claim) is None


async def test_the_token_before_is_good_until_it_is_void(sessions):
    await sessions.save([a_change(a_session(token="t2", spare="t1"))], now=NOON)
    assert await sessions.claim(a_claim(shown="t1", token="t3"))

    await sessions.save([a_change(a_session(node="n2", fence=2, token="t3"), frames=None, is_new=False)], now=NOON)

    assert await sessions.claim(a_claim(node="n3", shown="t1")) is None


async def test_of_two_nodes_that_want_it_each_gets_its_turn(sessions):
    await sessions.save([a_change()], now=NOON)

    both = await asyncio.gather(
        sessions.claim(a_claim(node="n2", token="t2")), sessions.claim(a_claim(node="n3", token="t3"))
    )

    assert sorted(one.session.fence for one in both) == [2, 3]


async def test_frames_that_were_dealt_with_go(sessions):
    await sessions.save([a_change()], now=NOON)
    await sessions.save([a_change(a_session(seq=4), frames=(3, 4), dealt_with=2, is_new=False)], now=NOON)

    claimed = await sessions.claim(a_claim())

    assert [one.last for one in claimed.frames] == [4]


async def test_a_node_that_says_it_lives_keeps_its_sessions_alive(sessions):
    later = NOON + timedelta(hours=3)
    await sessions.save([a_change(), a_change(a_session("s2", node="n5"))], now=NOON)

    await sessions.touch("n1", now=later)

    assert await sessions.claim(a_claim(at=later))
    assert await sessions.claim(a_claim("s2", at=later)) is None


async def test_what_is_over_cannot_be_claimed_but_erased(sessions):
    await sessions.save([a_change()], now=NOON)

    await sessions.close(["s1"], node="n1")

    assert await sessions.claim(a_claim()) is None
    assert not await sessions.knows("s1", shown="other")
    assert await sessions.knows("s1", shown="t1")
    assert await sessions.erase("s1", shown="other", now=NOON) is None
    assert await sessions.erase("s1", shown="t1", now=NOON) == 0
    assert await sessions.erase("s1", shown="t1", now=NOON) is None
    assert not await sessions.knows("s1", shown="t1")


async def test_the_state_is_there_until_the_session_is_over(sessions):
    await sessions.save([a_change()], now=NOON)
    assert await sessions.state("s1") == a_change().session.state != ""
    assert await sessions.state("s9") == ""

    await sessions.close(["s1"], node="n1")

    assert await sessions.state("s1") == ""


async def test_erasing_is_told_to_the_node_that_has_it(sessions):
    await sessions.save([a_change()], now=NOON)

    assert await sessions.erase("s1", shown=None, now=NOON) == 2

    assert await sessions.moved("n1", since=NOON) == {"s1"}
    assert await sessions.claim(a_claim()) is None
    assert await sessions.save([a_change(frames=(3, 3), is_new=False)], now=NOON) == {"s1"}


async def test_sweeping_drops_the_dead_and_later_the_forgotten(sessions):
    await sessions.save([a_change(), a_change(a_session("s2"))], now=NOON)
    await sessions.touch("n1", now=NOON)
    await sessions.save([a_change(a_session("s3"))], now=NOON + timedelta(hours=1))

    dead = await sessions.sweep(dead_before=NOON + timedelta(minutes=9), forget_before=NOON - timedelta(days=30))
    kept = await sessions.erase("s1", shown="t1", now=NOON)
    forgotten = await sessions.sweep(dead_before=NOON, forget_before=NOON + timedelta(minutes=30))

    assert (dead, kept) == (2, 0)
    assert forgotten >= 1
    assert await sessions.claim(a_claim("s3", at=NOON + timedelta(hours=1)))


async def test_a_waiter_is_a_row_that_waits(sessions):
    waiting = replace(a_session(), waiting="turn1")
    await sessions.save([a_change(waiting)], now=NOON)

    assert (await sessions.claim(a_claim())).session.waiting == "turn1"


async def test_a_thousand_sessions_are_written_at_once(sessions):
    changes = [a_change(a_session(f"s{number}")) for number in range(1000)]

    assert await sessions.save(changes, now=NOON) == frozenset()
    assert await sessions.claim(a_claim("s999"))


async def test_a_database_that_is_gone_is_said_to_be(tmp_path):
    gone = SqlSessions(Database("postgresql://nobody@127.0.0.1:9/none"))

    with pytest.raises(StateUnavailableError):
        await gone.claim(a_claim())


async def test_a_tally_counts_in_all_scopes_or_in_none(tally):
    both = {"a": 2, "b": 1}

    assert await tally.take(both, now=NOON) is None
    assert await tally.take(both, now=NOON) == "b"
    assert await tally.take({"a": 2}, now=NOON) is None
    assert await tally.take({"a": 2}, now=NOON) == "a"


async def test_a_tally_counts_each_of_many_at_once(tally):
    taken = await asyncio.gather(*(tally.take({"a": 5}, now=NOON) for _ in range(12)))

    assert taken.count(None) == 5


async def test_an_allowance_says_whose_is_used_up(tally):
    allowance = GenerationCaps(tally, lambda: NOON, per_session=2, per_address=3, per_day=0)
    await allowance.take("s1", "house")
    await allowance.take("s1", "house")

    with pytest.raises(GenerationCappedError, match="this session"):
        await allowance.take("s1", "house")
    await allowance.take("s2", "house")
    with pytest.raises(GenerationCappedError, match="this address today"):
        await allowance.take("s3", "house")
