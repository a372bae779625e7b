import itertools
import mmap
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from app.adapters.local.draw_portrait import draw_portrait, main
from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.inspection.face_box import PRESENT
from app.adapters.local.motion import REST, Pose
from app.adapters.local.presenter.compositor import Presenter
from app.adapters.local.presenter.mouth import MOUTH_BOX, MouthPose, mouth_svg
from app.adapters.local.presenter.palettes import LOOKS
from app.adapters.local.presenter.svg import rasterise, rasterise_moving
from app.errors import MediaError, PortraitError

from .conftest import MIRA


@pytest.fixture(scope="module")
def presenter() -> Presenter:
    return Presenter(LOOKS["mira"], width=256, height=256)


def test_the_shipped_portrait_is_what_the_code_draws():
    shipped = cv2.resize(cv2.imread(str(MIRA)), (256, 256), interpolation=cv2.INTER_AREA)

    drawn = Presenter(LOOKS["mira"], width=256, height=256).frame(REST)

    assert cv2.PSNR(shipped, drawn) > 28
    assert MIRA.stat().st_size < 600_000
    with Image.open(MIRA) as image:
        assert image.info["Greenroom-Look"] == "mira"
        assert image.size == (1024, 1024)


def test_a_pose_is_painted_the_same_twice(presenter: Presenter):
    pose = Pose(mouth=(0.5, 0.2, 0, 0, 0, 0, 0, 0), yaw=2, blink=0.4)

    assert np.array_equal(presenter.frame(pose), presenter.frame(pose))


@pytest.mark.parametrize(
    "pose",
    [
        Pose(mouth=(0.9, 0, 0, 0, 0, 0, 0, 0)), Pose(mouth=(0, 0, 0, 0, 0, 1, 0, 0)), Pose(blink=1.0),
        Pose(gaze_x=0.8), Pose(yaw=4), Pose(pitch=3), Pose(roll=3), Pose(brow=1), Pose(smile=0), Pose(breath=1),
        Pose(sway=4),
    ],
)  # fmt: skip
def test_every_parameter_shows(presenter: Presenter, pose: Pose):
    change = cv2.absdiff(presenter.frame(pose), presenter.frame(REST))

    assert int(change.max()) > 15


def test_a_face_in_motion_leaves_the_room_alone(presenter: Presenter):
    change = cv2.absdiff(presenter.frame(Pose(yaw=4, roll=3, sway=5)), presenter.frame(REST))

    assert int(change[:40, :40].max()) == 0


@pytest.mark.parametrize(("width", "height"), [(384, 216), (216, 384), (128, 128)])
def test_any_shape_of_screen_is_filled(width: int, height: int):
    picture = Presenter(LOOKS["noor"], width=width, height=height).frame(REST)

    assert picture.shape == (height, width, 3)
    assert picture.min(axis=2).max(axis=0).min() > 20


def test_an_unknown_look_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(PortraitError, match="mira"):
        draw_portrait("zoe", tmp_path / "zoe.png")

    assert main(["zoe"]) == 2
    assert "usage" in capsys.readouterr().err


def test_a_drawing_without_pixels_is_refused():
    with pytest.raises(MediaError, match="0x8"):
        rasterise_moving("", box=(0, 0, 8, 8), width=0, height=8)


def test_a_thousand_mouths_take_no_more_memory_than_one():
    def resident_mb() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE / 2**20

    def draw(count: int) -> None:
        for at in range(count):
            body = f'<ellipse cx="{at % 200}" cy="90" rx="50" ry="20" fill="#a33"/>'
            rasterise_moving(body, box=(0, 0, 200, 200), width=240, height=160)

    draw(50)
    before = resident_mb()
    draw(1000)

    assert resident_mb() < before + 20  # without its end, each canvas left a fifth of a megabyte


def test_thorvg_draws_a_mouth_as_resvg_does():
    body, defs = mouth_svg(LOOKS["mira"], MouthPose(0.6, 0.2, 0.1, 0.1, 0.2, 0, 0, 0.3, 0.6))
    box, size = MOUTH_BOX, {"width": 168, "height": 116}

    ours = rasterise_moving(body, defs=defs, box=box, **size)
    theirs = rasterise(body, defs=defs, box=box, **size)

    assert cv2.PSNR(ours, theirs) > 38
    assert ours[..., 3].max() == 255


@pytest.mark.parametrize("name", LOOKS)
def test_every_look_has_a_face_that_is_found(name: str, finder: FaceFinder):
    picture = Presenter(LOOKS[name], width=360, height=360).frame(REST)

    (face,) = finder.detect(picture)

    assert finder.mesh(picture, face)[1] > PRESENT


def test_no_two_looks_are_alike():
    pictures = [Presenter(look, width=96, height=96).frame(REST) for look in LOOKS.values()]

    assert len(LOOKS) >= 4
    assert max(cv2.PSNR(a, b) for a, b in itertools.combinations(pictures, 2)) < 20
