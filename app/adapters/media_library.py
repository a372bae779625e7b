"""What the media library that is installed can do."""

import av
from av.codec import Codec

from app.errors import MediaError


def video_encoder() -> str:
    """The library and the encoder that films are written with.

    Raises:
        MediaError: it cannot write H.264 and AAC.
    """
    try:
        names = [Codec(name, "w").name for name in ("libx264", "aac")]
    except ValueError as error:
        raise MediaError(
            f"Expected FFmpeg's encoders libx264 and aac in the package `av`, got: {error}; install another build."
        ) from error
    return f"av {av.__version__} writes with {' and '.join(names)}"
