"""A figure's static layers are drawn once for all processes, and no pixel is another for it."""

from pathlib import Path

import pytest

from app.adapters.local.motion import REST, Pose
from app.adapters.local.presenter import drawn_sheets
from app.adapters.local.presenter.compositor import Presenter
from app.adapters.local.presenter.drawn_sheets import DrawnSheets
from app.adapters.local.presenter.palettes import LOOKS

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="{}" height="8" fill="#205080"/></svg>'
POSES = (REST, Pose(mouth=(0.6, 0.2, 0, 0, 0, 0, 0, 0), yaw=3, pitch=-2, roll=1.5, blink=0.4, sway=2, breath=0.5))


class CountedDrawing:
    """resvg, counted."""

    __resvg_version__ = drawn_sheets.resvg_py.__resvg_version__

    def __init__(self) -> None:
        self.drawn = 0

    def svg_to_bytes(self, **asked: object) -> bytes:
        self.drawn += 1
        return bytes(RESVG.svg_to_bytes(**asked))


RESVG = drawn_sheets.resvg_py


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> CountedDrawing:
    counted = CountedDrawing()
    monkeypatch.setattr(drawn_sheets, "resvg_py", counted)
    return counted


@pytest.mark.parametrize(("look", "width", "height"), [("mira", 128, 128), ("noor", 176, 100)])
def test_a_figure_from_kept_sheets_is_the_same_to_the_pixel(tmp_path: Path, drawing, look, width, height):
    def figure(sheets_dir: Path | None) -> list[bytes]:
        painter = Presenter(LOOKS[look], width=width, height=height, sheets_dir=sheets_dir)
        opened = drawing.drawn
        frames = [painter.frame(pose).tobytes() for pose in POSES]
        drawing.drawn -= drawing.drawn - opened  # eyes and mouth are drawn for each pose
        return frames

    without, first, second = figure(None), figure(tmp_path), figure(tmp_path)

    assert without == first == second
    assert drawing.drawn == 2 * len(list(tmp_path.glob("*.sheet")))


def test_another_drawing_is_another_sheet(tmp_path: Path, drawing):
    sheets = DrawnSheets(tmp_path)

    narrow, wide, again = sheets.png(SVG.format(2)), sheets.png(SVG.format(6)), sheets.png(SVG.format(2))

    assert narrow == again != wide
    assert drawing.drawn == 2


@pytest.mark.parametrize("damage", [b"", b"half", None], ids=["empty", "short", "one bit"])
def test_a_damaged_sheet_is_drawn_anew(tmp_path: Path, drawing, damage):
    whole = DrawnSheets(tmp_path).png(SVG.format(4))
    (file,) = tmp_path.iterdir()
    kept = file.read_bytes()
    file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]) if damage is None else damage)

    assert DrawnSheets(tmp_path).png(SVG.format(4)) == whole
    assert (drawing.drawn, file.read_bytes()) == (2, kept)


def test_a_folder_that_cannot_be_used_costs_nothing_but_time(tmp_path: Path, drawing):
    (tmp_path / "sheets").write_text("no folder")
    sheets = DrawnSheets(tmp_path / "sheets")

    assert sheets.png(SVG.format(4)) == sheets.png(SVG.format(4))
    assert drawing.drawn == 2
