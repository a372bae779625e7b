import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from app.digest import digest_bytes
from app.errors import LimitExceededError, PortraitError
from app.rendering.fakes import portrait_as_it_is
from app.rendering.media.preflight import check_limits, check_portrait, picture_size
from app.rendering.ports import Capabilities
from tests.support.render_world import an_avatar

FACTS = Capabilities(name="fake", models=("m",), max_duration_s=60.0, min_portrait_px=512)


def a_picture(kind, size):
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind, **({"exif": b"Exif\0\0" + b"x" * 500} if kind == "JPEG" else {}))
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_size_of_a_picture_is_read_from_its_head(kind):
    assert picture_size(a_picture(kind, (640, 481))) == (640, 481)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8", b"\xff\xd8\xff\xe0\x00\x04ab", b"\x89PNG\r\n\x1a\n"])
def test_anything_else_has_no_known_size(data):
    assert picture_size(data) is None


def portrait(folder: Path, data: bytes):
    avatar = an_avatar(folder, portrait_digest=digest_bytes(data))
    Path(avatar.portrait_path).write_bytes(data)
    return avatar


def test_a_large_enough_portrait_passes(tmp_path):
    check_portrait(portrait(tmp_path, a_picture("PNG", (512, 800))), FACTS, portrait_as_it_is)


def test_a_small_portrait_is_refused_with_its_size(tmp_path):
    with pytest.raises(PortraitError, match=r"at least 512x512 pixels, portrait `mira\.png` is 800x511"):
        check_portrait(portrait(tmp_path, a_picture("JPEG", (800, 511))), FACTS, portrait_as_it_is)


def test_a_portrait_that_is_gone_or_changed_is_refused(tmp_path):
    avatar = portrait(tmp_path, a_picture("PNG", (600, 600)))
    Path(avatar.portrait_path).write_bytes(a_picture("PNG", (601, 601)))
    with pytest.raises(PortraitError, match="has changed"):
        check_portrait(avatar, FACTS, portrait_as_it_is)

    Path(avatar.portrait_path).unlink()
    with pytest.raises(PortraitError, match="Cannot read the portrait"):
        check_portrait(avatar, FACTS, portrait_as_it_is)


def test_limits_are_those_of_the_renderer():
    check_limits(60.0, FACTS, silent=False)

    with pytest.raises(LimitExceededError, match=r"up to 60 s, these words last 60\.1 s"):
        check_limits(60.1, FACTS, silent=False)
    with pytest.raises(LimitExceededError, match="without sound"):
        check_limits(5.0, FACTS, silent=True)


def test_a_portrait_in_another_form_is_refused(tmp_path):
    webp = portrait(tmp_path, a_picture("WEBP", (600, 600)))

    with pytest.raises(PortraitError, match=r"takes png, jpeg, portrait `mira\.png` is webp"):
        check_portrait(webp, replace(FACTS, image_formats=("png", "jpeg")), portrait_as_it_is)
    with pytest.raises(PortraitError, match=r"takes 100 bytes"):
        check_portrait(webp, replace(FACTS, max_image_bytes=100), portrait_as_it_is)
