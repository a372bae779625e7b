"""Shape of an avatar's clips: said by a word, without a word for what was there before."""

import pytest
from pydantic import ValidationError

from app.catalog.picture import Video


@pytest.mark.parametrize(("written", "size"), [
    ({}, (720, 720)),
    ({"height": 480}, (480, 480)),
    ({"height": 480, "width": 640}, (640, 480)),
    ({"shape": "square", "height": 480}, (480, 480)),
    ({"shape": "portrait"}, (720, 1280)),
    ({"shape": "portrait", "height": 854}, (480, 854)),
    ({"shape": "wide"}, (1280, 720)),
    ({"shape": "wide", "height": 360}, (640, 360)),
])  # fmt: skip
def test_a_shape_gives_the_size(written, size):
    assert Video.model_validate(written).size == size


@pytest.mark.parametrize(
    "written", [{"shape": "wide", "width": 640}, {"shape": "portrait", "height": 128}, {"shape": "9:16"}]
)
def test_a_shape_is_one_of_three_and_stands_for_the_width(written):
    with pytest.raises(ValidationError):
        Video.model_validate(written)
