"""Facts of the local renderer, which plans and checks know without loading what paints."""

from enum import StrEnum

MAX_DURATION_S = 180.0
"""Longest speech of one clip, in seconds."""

LEAD_IN_S = -0.04
"""Start of the speech in the clip, in seconds; captions move by as much.

Speech begins with 0.12 s of quiet. A part of it is cut, so that the first sound comes within 0.1 s.
"""


class Model(StrEnum):
    """Models of the renderer; `auto` takes the drawing where the portrait is one."""

    AUTO = "auto"
    PRESENTER = "presenter"
    PHOTO = "photo"


class LoopMotion(StrEnum):
    """Motion of a silent loop: `parameters["motion"]` of a job without speech, `idle` where none is named."""

    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"
