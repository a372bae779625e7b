from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from app.adapters.local.facts import LoopMotion
from app.adapters.local.loops import silent_loop
from app.adapters.local.motion import REST
from app.adapters.local.renderer import LocalRenderer
from app.errors import ProviderRefusedError
from app.rendering.ports import RenderJob

from .conftest import MIRA

SEEDS = range(6)
FRAMES, FPS = 180, 30


@pytest.mark.parametrize("motion", LoopMotion)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_loop_begins_and_ends_at_rest(motion: LoopMotion, seed: int):
    loop = silent_loop(motion, FRAMES, fps=FPS, seed=seed)

    for frame in (0, FRAMES - 1):
        pose = loop.pose(frame)
        assert pose.mouth == REST.mouth
        assert astuple(pose)[1:] == pytest.approx(astuple(REST)[1:], abs=1e-6)


@pytest.mark.parametrize("motion", LoopMotion)
def test_no_loop_takes_the_head_far_from_rest(motion: LoopMotion):
    loops = [silent_loop(motion, FRAMES, fps=FPS, seed=seed).curves for seed in SEEDS]

    assert max(np.abs(curves[turn]).max() for curves in loops for turn in ("yaw", "pitch", "roll")) < 1.4


def test_who_listens_looks_at_the_text_and_nods():
    loops = [silent_loop(LoopMotion.LISTENING, FRAMES, fps=FPS, seed=seed).curves for seed in SEEDS]

    assert all(curves["gaze_y"].max() > 0.6 for curves in loops)
    assert all(curves["pitch"].max() > 0.6 for curves in loops)


def test_who_thinks_glances_aside_and_up():
    loops = [silent_loop(LoopMotion.THINKING, FRAMES, fps=FPS, seed=seed).curves for seed in SEEDS]

    assert all(np.abs(curves["gaze_x"]).max() > 0.5 for curves in loops)
    assert all(curves["gaze_y"].min() < -0.2 for curves in loops)


def test_another_seed_is_another_loop_of_its_kind():
    for motion in LoopMotion:
        a, b = (silent_loop(motion, FRAMES, fps=FPS, seed=seed).curves["gaze_x"] for seed in (1, 2))
        assert np.abs(a - b).max() > 0.05


async def test_a_job_names_its_motion_and_an_unknown_one_is_refused(tmp_path: Path, models_dir: Path):
    job = RenderJob("t", "r", "auto", MIRA, None, (), (), 4.0, 128, 128, 15, parameters={"motion": "dancing"})

    async with LocalRenderer(work_dir=tmp_path, models_dir=models_dir, workers=1) as renderer:
        with pytest.raises(ProviderRefusedError, match="dancing"):
            await renderer.submit(job)
