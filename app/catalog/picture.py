"""Picture of an avatar's clips: size, shape and rate."""

from typing import Any, Literal, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.catalog.field_types import STRICT

Shape = Literal["square", "portrait", "wide"]
"""Shape of a picture: 1:1, 9:16 as a telephone is held, 16:9 as a screen stands."""

_RATIOS: dict[Shape, float] = {"square": 1.0, "portrait": 9 / 16, "wide": 16 / 9}
_LEAST = 128
_TALL = 1280
"""Height of a portrait picture unless given: its short side is then that of the others."""


class Video(BaseModel):
    """Picture of every clip of the avatar: square unless a shape or a width is given; sizes in pixels."""

    model_config = STRICT

    height: int = Field(720, ge=_LEAST, le=2160, multiple_of=2)
    width: int | None = Field(None, ge=_LEAST, le=3840, multiple_of=2)
    shape: Shape | None = None
    """`portrait` is 9:16 and 1280 pixels high unless `height` is given, `wide` 16:9; instead of `width`."""
    fps: int = Field(30, ge=10, le=60)

    @model_validator(mode="before")
    @classmethod
    def _tall(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("shape") == "portrait" and "height" not in value:
            return {**value, "height": _TALL}
        return value

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if self.shape and self.width:
            got = f"`shape: {self.shape}` beside `width: {self.width}`"
            raise PydanticCustomError("video_shape", "Either `shape` or `width` of a video", {"got": got})
        if self.size[0] < _LEAST:
            raise PydanticCustomError("video_shape", "A higher video of this shape", {"got": f"{self.height} pixels"})
        return self

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height of a clip, both even."""
        width = self.width or 2 * round(self.height * _RATIOS[self.shape or "square"] / 2)
        return width, self.height
