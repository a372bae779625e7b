"""Names for the arrays that sound and pictures travel in."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono sound, -1 to 1."""
Curve = NDArray[np.float64]
"""One value per video frame, or a table of them (frames x parameters)."""
Plane = NDArray[np.float32]
"""One value per pixel."""
Picture = NDArray[np.uint8]
"""Height x width x 3 (BGR) or x 4 (BGRA, premultiplied by alpha where it is a layer)."""
Points = NDArray[np.float64]
"""Face points, one row each: x and y in pixels, sometimes depth."""


def smooth(x: Curve) -> Curve:
    """The S-curve from 0 to 1 with no speed left at either end; values outside are clipped."""
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * (3 - 2 * x))
