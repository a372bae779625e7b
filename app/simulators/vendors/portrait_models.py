"""Portrait models that the simulated hosts sell beside Kling: prices, steps of billing, limits of the media."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.simulators.inputs import Limits

_MB = 1_000_000
_BOXES = {"480p": (854, 480), "720p": (1280, 720), "1080p": (1920, 1080), "2k": (2560, 1440)}


@dataclass(frozen=True, slots=True)
class PortraitModel:
    """Model of a host; `prices` are dollars a second by resolution, the first one is the default."""

    prices: Mapping[str, Decimal]
    limits: Limits = field(default_factory=Limits)
    min_billed_s: Decimal = Decimal(0)
    billed_step_s: Decimal = Decimal(0)
    fps: int = 25
    asks_resolution: bool = False

    def terms(self, resolution: object) -> Mapping[str, Any] | None:
        """Return price, billing and picture of an order; None if the model does not have this resolution."""
        if resolution is None and not self.asks_resolution:
            resolution = next(iter(self.prices))
        if not isinstance(resolution, str) or resolution not in self.prices:
            return None
        return {
            "price_per_s": self.prices[resolution],
            "min_billed_s": self.min_billed_s,
            "billed_step_s": self.billed_step_s,
            "box": _BOXES[resolution],
            "fps": self.fps,
        }


def limits_of(models: Mapping[str, PortraitModel]) -> Mapping[str, Limits]:
    """Return the limits by model."""
    return {name: model.limits for name, model in models.items()}


def _prices(**by_resolution: str) -> Mapping[str, Decimal]:
    return {name.lstrip("_"): Decimal(price) for name, price in by_resolution.items()}


_OMNIHUMAN_2 = Limits(
    audio_s=(4.0, 300.0), audio_bytes=15 * _MB, audio_formats=("mp3", "wav"), image_bytes=30 * _MB,
    image_min_px=300, image_max_px=6_000, image_ratio=(0.4, 2.5),
)  # fmt: skip
_AVATAR_6 = Limits(audio_s=(0.0, 600.0), image_bytes=32 * _MB, image_formats=("JPEG", "MPO", "PNG", "WEBP"))
_WHOLE = Decimal(1)

FAL: Mapping[str, PortraitModel] = {
    "fal-ai/creatify/aurora": PortraitModel(_prices(_720p="0.14", _480p="0.07"), billed_step_s=_WHOLE),
    "veed/fabric-1.0": PortraitModel(_prices(_720p="0.15", _480p="0.08"), asks_resolution=True),
    "fal-ai/bytedance/omnihuman/v1.5": PortraitModel(
        _prices(_1080p="0.16", _720p="0.16"), Limits(audio_s=(0.0, 60.0), image_min_px=300)
    ),
}
"""At fal; OmniHuman's 30 s at 1080p are not told apart."""

WAVESPEED: Mapping[str, PortraitModel] = {
    "heygen/avatar-6": PortraitModel(_prices(_1080p="0.12", _2k="0.17"), _AVATAR_6, billed_step_s=_WHOLE),
    "heygen/avatar-6/turbo": PortraitModel(_prices(_1080p="0.06", _2k="0.11"), _AVATAR_6, billed_step_s=_WHOLE),
    "veed/fabric-1.0": PortraitModel(
        _prices(_720p="0.14", _480p="0.07"), min_billed_s=Decimal(3), billed_step_s=_WHOLE
    ),
    "bytedance/avatar-omni-human-1.5": PortraitModel(_prices(_1080p="0.16"), billed_step_s=_WHOLE),
    "bytedance/omni-human-2.0": PortraitModel(_prices(_720p="0.16"), _OMNIHUMAN_2, billed_step_s=_WHOLE),
}
"""At WaveSpeed: whole seconds; Avatar 6 and OmniHuman 2.0 at estimates, no price of theirs was found."""

_KLING = Limits(
    audio_s=(2.0, 300.0), audio_bytes=5 * _MB, audio_formats=("mp3", "wav", "mov", "aac"), image_bytes=10 * _MB,
    image_min_px=300, image_ratio=(0.4, 2.5), image_formats=("JPEG", "MPO", "PNG"),
)  # fmt: skip

RUNWARE: Mapping[str, PortraitModel] = {
    "heygen:avatar@6": PortraitModel(_prices(_1080p="0.10", _2k="0.145"), _AVATAR_6),
    "heygen:avatar@6-turbo": PortraitModel(_prices(_1080p="0.05", _2k="0.0875"), _AVATAR_6),
    "klingai:avatar@2.0-standard": PortraitModel(_prices(_720p="0.044"), _KLING),
    "klingai:avatar@2.0-pro": PortraitModel(_prices(_1080p="0.087"), _KLING),
    "bytedance:5@2": PortraitModel(_prices(_1080p="0.13"), Limits(audio_s=(0.0, 30.0), image_min_px=300)),
}
"""At Runware; Kling's and OmniHuman's prices are third parties'."""

ATLASCLOUD: Mapping[str, PortraitModel] = {
    "bytedance/avatar-omni-human-v2.0": PortraitModel(_prices(_720p="0.056"), _OMNIHUMAN_2),
}
"""At AtlasCloud."""
