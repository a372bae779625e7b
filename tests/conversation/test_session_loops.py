"""Loops of listening, thinking and further idling: found for a session, and told to it."""

import asyncio

from app.conversation.fakes import FakeClips, FakeConnection, fake_clip
from app.conversation.session_intro import SessionIntro, stored_loops
from app.rendering.plan.loops import LOOPS, Motion
from tests.support.hub_house import House
from tests.support.session_world import SessionWorld, a_catalog, all_clips

LONG_S = 60.0


class Together(FakeClips):
    """Clips that come as soon as so many have been asked for, none of them answered."""

    def __init__(self, clips, many: int) -> None:
        super().__init__(clips)
        self.missing, self.all_asked = many, asyncio.Event()

    async def for_intent(self, intent_id, *, locale, variant):
        self.missing -= 1
        if not self.missing:
            self.all_asked.set()
        await self.all_asked.wait()
        return await super().for_intent(intent_id, locale=locale, variant=variant)


def test_a_session_names_the_loops_of_its_presenter_by_what_she_does():
    stage = SessionWorld()
    nod, muse, sway = fake_clip("nod"), fake_clip("muse"), fake_clip("sway")
    loops = ((Motion.LISTENING, nod), (Motion.THINKING, muse), (Motion.IDLE, sway))

    created = stage.session.begin("r_1", stage.now, SessionIntro(fake_clip(""), None, loops))[0].message

    told = created.avatar.loops
    assert ([one.digest for one in told.listening], [one.digest for one in told.thinking]) == (
        [nod.digest],
        [muse.digest],
    )
    assert [one.digest for one in told.idle] == [sway.digest]


def test_a_presenter_without_loops_is_told_as_before():
    stage = SessionWorld()

    created = stage.session.begin("r_1", stage.now, SessionIntro(fake_clip(""), None))[0].message

    assert "loops" not in created.model_dump(mode="json")["avatar"]


async def test_loops_are_the_further_variants_of_the_idle_intent_that_are_stored():
    first, *others = (fake_clip(f"loop {number}") for number in range(4))

    found = await stored_loops(FakeClips({"idle": (first, *others)}), "idle", locale="en", first=first)
    none = await stored_loops(FakeClips({"idle": (first,)}), "idle", locale="en", first=first)

    assert [(motion, clip.digest) for motion, clip in found[:3]] == [
        (Motion.LISTENING, others[0].digest),
        (Motion.THINKING, others[1].digest),
        (Motion.IDLE, others[2].digest),
    ]
    assert none == ()


async def test_loops_are_looked_up_at_the_same_time():
    loops = tuple(fake_clip(f"loop {number}") for number in range(len(LOOPS) + 1))

    async with asyncio.timeout(LONG_S):
        found = await stored_loops(Together({"idle": loops}, len(LOOPS)), "idle", locale="en", first=loops[0])

    assert [clip.digest for _, clip in found] == [clip.digest for clip in loops[1:]]


async def test_idle_and_greeting_are_looked_up_at_the_same_time():
    house, line = House(clips=Together(all_clips(a_catalog()).clips, 2)), FakeConnection()
    async with house.hub() as hub, asyncio.timeout(LONG_S):
        await hub.open(line, locale=None)

    assert line.sent[0].greeting is not None
