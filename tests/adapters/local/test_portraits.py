"""Portraits as they leave: what a camera, an editor or a phone wrote beside the picture stays at home."""

import io
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from app.adapters.local import painter_choice
from app.adapters.local.facts import Model
from app.adapters.local.painter_choice import drawn_look, read_picture
from app.adapters.local.portraits import PLAIN, outgoing_portrait
from app.adapters.media_guard.guard import GUARD
from app.errors import PortraitError
from tests.support.sites import SAMPLE_PORTRAIT

SERIAL = "SN-4711-CAMERA"
RED, BLUE = (220, 30, 30), (30, 30, 220)


def two_halves(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image


def saved(image: Image.Image, kind: str, **told: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **told)  # type: ignore[arg-type]
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def camera_notes(orientation: int) -> Image.Exif:
    notes = Image.Exif()
    notes[ExifTags.Base.Orientation] = orientation
    notes[ExifTags.Base.Make] = "Example"
    notes.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.BodySerialNumber] = SERIAL
    notes.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    return notes


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_without_notes_leaves_byte_for_byte(kind):
    content = saved(two_halves(), kind)

    assert outgoing_portrait(content) == content


def test_the_samples_drawn_portrait_leaves_as_it_is():
    content = SAMPLE_PORTRAIT.read_bytes()

    assert outgoing_portrait(content) == content


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_turned_picture_is_upright_and_tells_nobody_where_it_was_taken(kind):
    lying = two_halves().transpose(Image.Transpose.ROTATE_90)
    content = saved(lying, kind, exif=camera_notes(6))
    assert SERIAL.encode() in content

    left = outgoing_portrait(content)

    image = opened(left)
    assert image.size == (60, 40)
    assert np.abs(np.asarray(image.convert("RGB"))[20, 5].astype(int) - RED).max() < 12
    assert SERIAL.encode() not in left
    assert not image.getexif()
    assert image.format == ("JPEG" if kind == "JPEG" else "PNG")
    assert outgoing_portrait(left) == left


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("JPEG", {"comment": f"by {SERIAL}"}),
        ("JPEG", {"xmp": f"<x>{SERIAL}</x>".encode()}),
        ("PNG", {"pnginfo": "text"}),
        ("WEBP", {"xmp": f"<x>{SERIAL}</x>".encode()}),
    ],
)
def test_comments_and_packets_of_editors_stay_at_home(kind, told):
    if told.get("pnginfo"):
        notes = PngImagePlugin.PngInfo()
        notes.add_itxt("XML:com.adobe.xmp", SERIAL)
        told = {"pnginfo": notes}
    content = saved(two_halves(), kind, **told)
    assert SERIAL.encode() in content

    left = outgoing_portrait(content)

    assert SERIAL.encode() not in left
    assert opened(left).size == (60, 40)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_what_lies_behind_the_picture_stays_at_home(kind):
    content = saved(two_halves(), kind) + SERIAL.encode()

    assert SERIAL.encode() not in outgoing_portrait(content)


def test_a_preview_behind_a_jpeg_stays_at_home():
    content = saved(two_halves(), "JPEG") + saved(two_halves((8, 8)), "JPEG")

    assert outgoing_portrait(content).count(b"\xff\xd8\xff") == 1


@pytest.mark.parametrize("background", [None, "#102030"])
def test_a_transparent_portrait_stands_before_a_plain_wall_or_the_named_one(background):
    cut_out = two_halves().convert("RGBA")
    cut_out.paste((0, 255, 0, 0), (0, 0, 60, 10))  # hidden green, as editors leave it

    image = opened(outgoing_portrait(saved(cut_out, "PNG"), background))

    wall = background or PLAIN
    assert image.mode == "RGB"
    assert image.getpixel((5, 5)) == tuple(int(wall[at : at + 2], 16) for at in (1, 3, 5))
    assert image.getpixel((5, 30)) == RED


def test_a_palette_with_a_transparent_colour_is_composed_too():
    cut_out = two_halves().quantize(4)
    content = saved(cut_out, "PNG", transparency=0)

    assert not opened(outgoing_portrait(content)).has_transparency_data


def test_colours_of_another_profile_are_turned_into_srgb():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = saved(two_halves(), "PNG", icc_profile=lab)

    image = opened(outgoing_portrait(content))

    assert "icc_profile" not in image.info
    assert np.abs(np.asarray(image).astype(int)[20, 5] - RED).max() <= 1


def test_printers_colours_become_those_of_a_screen():
    image = opened(outgoing_portrait(saved(two_halves().convert("CMYK"), "JPEG")))

    assert image.mode == "RGB"


def test_sixteen_bit_greys_keep_their_tones():
    greys = np.linspace(0, 65_535, 256).astype(np.uint16).reshape(16, 16)

    image = opened(outgoing_portrait(saved(Image.fromarray(greys), "PNG")))

    assert image.mode == "RGB"
    assert np.array_equal(np.asarray(image)[:, :, 0], np.arange(256).reshape(16, 16))


def test_a_transparent_sixteen_bit_grey_is_composed_too():
    greys = np.full((8, 8), 30_000, np.uint16)
    greys[0] = 5

    image = opened(outgoing_portrait(saved(Image.fromarray(greys), "PNG", transparency=5), "#102030"))

    assert image.getpixel((0, 0)) == (0x10, 0x20, 0x30)
    assert image.getpixel((0, 4)) == (117, 117, 117)


def test_a_damaged_file_is_told():
    with pytest.raises(PortraitError, match="PNG, JPEG or WebP"):
        outgoing_portrait(saved(two_halves(), "PNG")[:80])


def test_the_painter_sees_what_leaves(tmp_path: Path):
    cut_out = two_halves().convert("RGBA")
    cut_out.putalpha(0)
    (tmp_path / "cut-out.png").write_bytes(saved(cut_out, "PNG"))

    picture = read_picture(tmp_path / "cut-out.png", "#010203")

    assert picture[20, 20].tolist() == [3, 2, 1]  # BGR


def test_a_photo_saved_over_a_drawing_is_told(tmp_path: Path):
    shutil.copy(SAMPLE_PORTRAIT, tmp_path / "mira.png")
    assert drawn_look(tmp_path / "mira.png", Model.AUTO) == "mira"
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Greenroom-Look", "mira")
    two_halves((512, 512)).save(tmp_path / "mira.png", pnginfo=notes)

    with pytest.raises(PortraitError, match=r"Expected the drawing `mira`.*got another one"):
        drawn_look(tmp_path / "mira.png", Model.AUTO)
    assert drawn_look(tmp_path / "mira.png", Model.PHOTO) is None


@pytest.mark.parametrize("side", [256, 700])
def test_a_drawing_saved_at_another_size_is_still_one(tmp_path: Path, side):
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Greenroom-Look", "mira")
    Image.open(SAMPLE_PORTRAIT).convert("RGB").resize((side, side)).save(tmp_path / "m.png", pnginfo=notes)

    assert drawn_look(tmp_path / "m.png", Model.AUTO) == "mira"


def a_marked_png_that_claims(width: int, height: int) -> bytes:
    """A header and the mark of a drawing, without a picture behind them."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    mark = chunk(b"tEXt", b"Greenroom-Look\0mira")
    return b"\x89PNG\r\n\x1a\n" + header + mark + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def test_a_marked_picture_of_extreme_dimensions_is_refused_before_it_is_decoded(tmp_path: Path, monkeypatch):
    (tmp_path / "m.png").write_bytes(a_marked_png_that_claims(9_000, 9_000))
    decoded = []
    monkeypatch.setattr(painter_choice, "_decoded", decoded.append)

    with pytest.raises(PortraitError, match="9000x9000"):
        drawn_look(tmp_path / "m.png", Model.AUTO)
    assert decoded == []


def test_a_portrait_is_looked_at_by_the_child_once_until_it_changes(tmp_path: Path, monkeypatch):
    asked = []
    monkeypatch.setattr(GUARD, "facts", lambda kind, source: asked.append((kind, source)))
    path = tmp_path / "m.png"
    two_halves().save(path)

    for _ in range(3):
        drawn_look(path, Model.AUTO)
    assert asked == [("picture", path)]
    two_halves((90, 90)).save(path)
    drawn_look(path, Model.AUTO)

    assert len(asked) == 2


def test_a_picture_of_another_format_is_never_opened(tmp_path: Path, monkeypatch):
    two_halves().save(tmp_path / "m.png", "TIFF")
    monkeypatch.setattr(GUARD, "facts", lambda *_: None)

    with pytest.raises(PortraitError, match="cannot be read"):
        drawn_look(tmp_path / "m.png", Model.AUTO)
