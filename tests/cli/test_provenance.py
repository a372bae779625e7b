"""Provenance of the warmed site's real clips, and of files."""

import shutil

import pytest

from tests.cli.conftest import Greenroom
from tests.cli.test_store import a_catalog_film
from tests.support.sites import Site


@pytest.fixture
def clip(warmed_site: Site, tmp_path):
    """A clip as a visitor downloads it."""
    return shutil.copyfile(a_catalog_film(warmed_site), tmp_path / "talk.mp4")


def test_a_downloaded_clip_says_where_it_comes_from(greenroom: Greenroom, clip):
    told = greenroom("provenance", str(clip))

    assert told.code == 0
    assert "intact, signed with a development certificate that no reader trusts" in told.out
    assert "trainedAlgorithmicMedia" in told.out


def test_a_changed_clip_is_told(greenroom: Greenroom, clip):
    data = bytearray(clip.read_bytes())
    data[-100] ^= 1
    clip.chmod(0o644)
    clip.write_bytes(data)

    told = greenroom("provenance", str(clip), "--json")

    assert told.code == 1
    (file,) = told.document["files"]
    assert (file["credentials"]["found"], file["credentials"]["intact"]) == (True, False)
    assert file["credentials"]["problems"] == ["assertion.bmffHash.mismatch"]


def test_the_clips_of_an_intent_are_verified_with_what_the_store_wrote_down(greenroom: Greenroom, warmed_site: Site):
    told = greenroom("provenance", "opening-hours", "--json")

    assert told.code == 0
    for file in told.document["files"]:
        assert file["intent"] == "opening-hours"
        assert file["credentials"]["render"]["recipe"] == file["recipe_key"]
        assert file["document"]["digital_source_type"] == file["credentials"]["source_type"]
        assert file["document"]["credentials"]["development"] is True


def test_every_clip_of_the_store_is_signed(greenroom: Greenroom):
    told = greenroom("provenance", "--all", "--json")

    assert told.code == 0
    assert list(told.document["states"]) == ["intact, signed with a development certificate that no reader trusts"]
    assert len(told.document["files"]) >= 10


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "Name a file or an intent"),
        (("a.mp4", "--all"), 2, "Name a file or an intent"),
        (("nowhere.mp4",), 1, "Cannot find `nowhere.mp4`"),
        (("no-such-intent",), 1, "Cannot find a file or a stored clip"),
        (("opening-hours", "--trust", "nowhere.pem"), 1, "Cannot read the anchors"),
    ],
)
def test_what_cannot_be_verified_is_said(greenroom: Greenroom, arguments, code, says):
    told = greenroom("provenance", *arguments)

    assert told.code == code
    assert says in told.err
