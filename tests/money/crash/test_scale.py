"""A small catalog warmed through kills; `make warm-scale` does it with 10,000 clips."""

import asyncio
import threading

import pytest

from tests.money.crash.lane import until
from tests.money.crash.places import Place
from tests.money.crash.scale import NOWHERE, measure_plan, play

CLIPS = 12


@pytest.mark.long
def test_a_catalog_warmed_through_kills_is_paid_once(tmp_path):
    story = play(tmp_path, CLIPS, every_s=0.2, most_kills=1)

    assert story.is_right(CLIPS), story
    assert story.lives[0].ended_by == -9
    assert asyncio.run(measure_plan(Place(tmp_path, "fal", NOWHERE))), "nothing is left to do"


def test_a_warm_up_that_was_stopped_goes_on_with_its_bill(tmp_path):
    stopped = threading.Event()

    def stop() -> None:
        until(lambda: any((tmp_path / "cache" / "v1" / "recipes").rglob("*.json")), "the first sound")
        stopped.set()

    threading.Thread(target=stop, daemon=True).start()
    first = play(tmp_path, CLIPS, every_s=600.0, stopped=stopped)
    story = play(tmp_path, CLIPS, every_s=600.0)

    assert not first.is_right(CLIPS)
    assert story.is_right(CLIPS), story
    assert [life.ended_by for life in story.lives] == [-9, 0]
