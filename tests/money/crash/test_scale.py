"""A small catalog warmed through kills; `make warm-scale` does it with 10,000 clips."""

import pytest

from tests.money.crash.scale import play

CLIPS = 12


@pytest.mark.long
def test_a_catalog_warmed_through_kills_is_paid_once(tmp_path):
    story = play(tmp_path, CLIPS, every_s=0.2, most_kills=1)

    assert story.is_right(CLIPS), story
    assert story.lives[0].ended_by == -9
