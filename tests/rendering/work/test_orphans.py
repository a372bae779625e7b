"""What providers list is compared with the ledger."""

import pytest

from app.rendering.fakes import FakeRenderer, FakeTime, RendererBehaviour
from app.rendering.work.reconciler import OrphanScan, Reconciler
from app.store.labels import Labels
from tests.rendering.work.test_reconciler import facts
from tests.support.render_world import NOON, RenderWorld, in_time


class Listing(FakeRenderer):
    """Shows every job's token, and others'."""

    strangers: tuple[tuple[str, str], ...] = ()

    async def listed(self, token=""):
        del token
        for request_id, job in self._jobs.items():
            yield request_id, f"https://x.test/{job['token']}.wav"
        for request_id, token in self.strangers:
            yield request_id, f"https://x.test/{token}.wav"


@pytest.fixture
async def filmed(tmp_path):
    time = FakeTime(NOON)
    stage = RenderWorld(tmp_path, renderer=Listing(facts(), script=RendererBehaviour()))
    studio = stage.studio(**in_time(time))
    wanted = studio.wanted(stage.avatar, text="We are open.", locale="en", labels=Labels.from_json({"locale": "en"}))
    await studio.clip(wanted, avatar=stage.avatar)
    stage.render = (await stage.ledger.list())[0]
    return stage, studio, time


def an_audit(stage, studio):
    return OrphanScan({"fake": stage.renderer}, stage.ledger, studio.clock)


async def test_a_second_job_under_one_token_is_an_orphan_and_told_once(filmed):
    stage, studio, _ = filmed
    stage.renderer.strangers = (("job-twice", stage.render.token),)

    assert [await an_audit(stage, studio).run() for _ in range(2)] == [1, 0]
    assert [hook.request_id for hook in await stage.ledger.orphans()] == ["job-twice"]


async def test_our_own_jobs_and_those_of_other_programs_are_none(filmed):
    stage, studio, _ = filmed
    stage.renderer.strangers = (("job-of-others", "f" * 32), ("plain", "holiday"))

    assert await an_audit(stage, studio).run() == 0


async def test_a_person_who_reconciles_has_the_lists_compared(filmed):
    stage, studio, _ = filmed
    stage.renderer.strangers = (("job-twice", stage.render.token),)
    reconciler = Reconciler(studio=studio, avatars=(stage.avatar,))

    quiet, asked = await reconciler.sweep(), await reconciler.sweep(ask_again=True)

    assert (quiet.orphans, asked.orphans) == (0, 1)
