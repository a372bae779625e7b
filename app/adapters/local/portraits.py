"""Portrait as it leaves: upright, opaque, in sRGB, without what a camera or an editor wrote beside the picture."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms, ImageOps, PngImagePlugin, UnidentifiedImageError

from app.adapters.media_guard.guard import GUARD
from app.adapters.media_guard.limits import PICTURES
from app.errors import MediaError, PortraitError

PLAIN = "#e9e6e1"
"""Background of a transparent portrait whose avatar names none: a light warm grey, as of a plain wall."""

_LOOK_KEY = "Greenroom-Look"
"""Mark of a drawn presenter, by which the local renderer knows it."""

_HARMLESS = frozenset(
    {
        *("jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "adobe", "adobe_transform"),
        *("progressive", "progression", "interlace", "srgb", "gamma", "chromaticity", "aspect"),
        *("background", "loop", "duration", "timestamp", _LOOK_KEY),
    }
)
"""Notes of Pillow that say how the picture is stored, not who took it where."""

_OPAQUE_MODES = frozenset({"L", "RGB", "P", "1"})
_JPEG_QUALITY = 95


@lru_cache(maxsize=2)  # a portrait may have 32 MB, and a site has one
def outgoing_portrait(content: bytes, background: str | None = None) -> bytes:
    """Portrait as it is filmed, uploaded and shown; the same bytes where nothing has to change. Blocking.

    Turned upright by its EXIF orientation, composed on `background` (#rrggbb) where it is transparent, in sRGB, without
    position, device, comments, preview or anything behind the picture's end. A JPEG stays one; all else becomes a PNG.

    Raises:
        PortraitError: it cannot be decoded, or has more pixels than Pillow takes.
    """
    try:
        GUARD.facts("picture", content)
    except MediaError as error:
        raise PortraitError(f"{str(error).removesuffix('.')}; save it as one of them.") from error
    try:
        with Image.open(io.BytesIO(content), formats=PICTURES) as image:
            image.load()
            if _is_clean(image, content):
                return content
            return _encoded(_composed(_in_srgb(ImageOps.exif_transpose(image)), background or PLAIN), image)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise PortraitError(
            f"Expected a PNG, JPEG or WebP picture as portrait, got one that cannot be read ({error})."
        ) from error


def _is_clean(image: Image.Image, content: bytes) -> bool:
    return (
        image.format in {"PNG", "JPEG", "WEBP"}
        and image.mode in _OPAQUE_MODES
        and getattr(image, "n_frames", 1) == 1
        and not image.getexif()
        and _HARMLESS.issuperset(image.info)
        and not _has_more(image.format, content)
    )


def _has_more(kind: str, content: bytes) -> bool:
    """Return whether bytes lie behind the picture, such as the film of a moving photo."""
    match kind:
        case "PNG":
            return not content.endswith(b"IEND\xaeB`\x82")
        case "JPEG":
            return not content.endswith(b"\xff\xd9") or content.count(b"\xff\xd8\xff") > 1
        case _:
            return len(content) > 8 + int.from_bytes(content[4:8], "little")


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Return a picture of 16-bit greys in 8 bits; Pillow's own conversion takes all but the darkest for white."""
    if not image.mode.startswith("I"):
        return image
    greys = np.asarray(image).astype(np.int64)
    eight = Image.fromarray(np.rint(np.clip(greys, 0, 65_535) / 257).astype(np.uint8))
    clear = image.info.get("transparency")
    if isinstance(clear, int):  # the one grey that is transparent
        eight = eight.convert("RGBA")
        eight.putalpha(Image.fromarray(np.where(greys == clear, 0, 255).astype(np.uint8)))
    return eight


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    image = _in_eight_bits(image)
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return image.convert(mode)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        colours = image.convert("RGB") if image.mode == "RGBA" else image
        turned = ImageCms.profileToProfile(colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):  # a damaged profile: players ignore it, too
        return image.convert(mode)
    if turned is None:  # only if it was told to work in place
        return image.convert(mode)
    if mode == "RGBA":
        turned = turned.convert("RGBA")
        turned.putalpha(image.convert("RGBA").getchannel("A"))
    return turned


def _composed(image: Image.Image, background: str) -> Image.Image:
    if image.mode != "RGBA":
        return image
    wall = Image.new("RGBA", image.size, background)
    return Image.alpha_composite(wall, image).convert("RGB")


def _encoded(image: Image.Image, source: Image.Image) -> bytes:
    image.info.clear()  # Pillow writes the comment and the profile that it finds here
    out = io.BytesIO()
    if source.format in {"JPEG", "MPO"}:
        image.save(out, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
        return out.getvalue()
    look, notes = source.info.get(_LOOK_KEY), PngImagePlugin.PngInfo()
    if isinstance(look, str):
        notes.add_text(_LOOK_KEY, look)
    image.save(out, "PNG", pnginfo=notes)
    return out.getvalue()
