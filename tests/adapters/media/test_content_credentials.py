"""Content Credentials of real files, signed and read with the real library."""

import asyncio
import shutil
from datetime import UTC, datetime, timedelta

import av
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from app.adapters.media.content_credentials import C2paReader, C2paSigner
from app.adapters.media.pyav import PyavMediaTools
from app.adapters.media.signing_certificate import DEVELOPMENT, development_certificate, site_certificate
from app.errors import CredentialsError
from app.rendering.media.credentials import ProvenanceClaim
from tests.adapters.media.test_pyav import a_video

CLAIM = ProvenanceClaim(
    title="Mira is an AI-generated presenter.",
    renderer="local",
    renderer_version="6",
    model=None,
    recipe_key="ab" * 32,
    portrait="cd" * 32,
    consent="ef" * 32,
)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def signer(certificates):
    return C2paSigner(lambda: development_certificate(certificates))


@pytest.fixture
def video(tmp_path):
    return a_video(tmp_path / "a.mp4")


def boxes(path):
    """Top-level boxes of an MP4, in order."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found.append(data[at + 4 : at + 8])
        at += size
    return found


def frames(path):
    """Time and bytes of every picture, decoded."""
    with av.open(str(path)) as container:
        return [(frame.time, frame.to_ndarray(format="gray").tobytes()) for frame in container.decode(video=0)]


async def test_a_signed_clip_says_who_made_it_and_of_what(signer, video):
    await PyavMediaTools().mark(video, source_type="trainedAlgorithmicMedia", note=CLAIM.title)

    signature = await signer.sign(video, CLAIM)
    report = await C2paReader().read(video)

    assert (signature.signer, signature.development, signature.sidecar) == (DEVELOPMENT, True, None)
    assert (report.found, report.intact, report.trusted, report.development) == (True, True, False, True)
    assert report.problems == ()
    assert report.source_type == "trainedAlgorithmicMedia"
    assert report.tool.startswith("Greenroom ")
    assert report.render == {
        "recipe": CLAIM.recipe_key,
        "portrait": CLAIM.portrait,
        "consent": CLAIM.consent,
        "renderer": "local",
        "renderer_version": "6",
    }


async def test_players_start_and_seek_as_before(signer, video):
    before = frames(video)

    await signer.sign(video, CLAIM)

    order = boxes(video)
    assert order.index(b"moov") < order.index(b"mdat")
    assert frames(video) == before
    with av.open(str(video)) as container:
        container.seek(int(0.8 * 1_000_000))
        assert next(container.decode(video=0)).time <= 0.8


async def test_a_changed_byte_is_noticed(signer, video):
    await signer.sign(video, CLAIM)
    data = bytearray(video.read_bytes())
    data[-200] ^= 1
    video.write_bytes(data)

    report = await C2paReader().read(video)

    assert (report.found, report.intact) == (True, False)
    assert report.problems == ("assertion.bmffHash.mismatch",)


async def test_a_file_without_credentials_has_none(video):
    assert not (await C2paReader().read(video)).found


async def test_a_broken_file_is_refused_in_words(tmp_path):
    broken = tmp_path / "a.mp4"
    broken.write_bytes(b"no film")

    with pytest.raises(CredentialsError, match="Expected a media file"):
        await C2paReader().read(broken)


async def test_what_a_provider_signed_stays_inside(signer, video):
    delivered = video.with_name("delivered.mp4")
    await signer.sign(video, CLAIM)
    shutil.copyfile(video, delivered)
    await PyavMediaTools().mark(video, source_type="trainedAlgorithmicMedia", note=CLAIM.title)

    await signer.sign(video, CLAIM, parent=delivered)
    report = await C2paReader().read(video)

    assert (report.intact, report.ingredients) == (True, ("as delivered",))


async def test_a_poster_is_signed_as_well(signer, tmp_path):
    poster = tmp_path / "poster.jpg"
    Image.new("RGB", (64, 64), "teal").save(poster)

    await signer.sign(poster, CLAIM)

    assert (await C2paReader().read(poster)).intact
    with Image.open(poster) as picture:
        assert picture.size == (64, 64)


async def test_a_poster_carries_no_second_picture_of_itself(signer, tmp_path):
    poster = tmp_path / "poster.jpg"
    Image.effect_noise((640, 640), 60).save(poster)
    plain = poster.stat().st_size

    await signer.sign(poster, CLAIM)

    assert b"c2pa.thumbnail" not in poster.read_bytes()
    assert poster.stat().st_size < plain + 10_000


async def test_a_format_that_cannot_hold_a_manifest_gets_a_sidecar(signer, video):
    other = video.rename(video.with_suffix(".webm"))
    before = other.read_bytes()

    signature = await signer.sign(other, CLAIM)

    assert other.read_bytes() == before
    assert signature.sidecar is not None
    report = await C2paReader().read(other, sidecar=signature.sidecar)
    assert (report.intact, report.sidecar) == (True, True)
    other.write_bytes(before + b"x")
    assert not (await C2paReader().read(other, sidecar=signature.sidecar)).intact


async def test_the_reader_trusts_the_anchors_it_is_given(signer, video, certificates):
    await signer.sign(video, CLAIM)
    anchors = development_certificate(certificates).chain_pem.decode()

    assert (await C2paReader(anchors).read(video)).trusted


async def test_a_failure_leaves_the_file_as_it_was(tmp_path, video):
    before = video.read_bytes()
    ended = datetime.now(UTC) - timedelta(days=2000)
    folder = tmp_path / "old"
    signer = C2paSigner(lambda: development_certificate(folder, now=ended))

    with pytest.raises(CredentialsError, match="valid today"):
        await signer.check()
    with pytest.raises(CredentialsError):
        await signer.sign(video, CLAIM)

    assert video.read_bytes() == before
    assert [path.name for path in video.parent.glob("*.mp4")] == ["a.mp4"]


def test_the_development_certificate_is_made_once_and_anew_before_it_ends(tmp_path):
    first = development_certificate(tmp_path)

    assert development_certificate(tmp_path) == first
    assert (tmp_path / "development.pem").stat().st_mode & 0o077 == 0
    later = first.ends_at - timedelta(days=10)
    assert development_certificate(tmp_path, now=later).ends_at > first.ends_at


async def test_processes_that_begin_at_once_end_up_with_one_certificate(tmp_path):
    made = await asyncio.gather(*(asyncio.to_thread(development_certificate, tmp_path) for _ in range(4)))

    assert all(one.development for one in made)
    assert [path.name for path in tmp_path.iterdir()] == ["development.pem"]


def test_a_site_brings_its_own(tmp_path, certificates):
    own = development_certificate(certificates)
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(own.chain_pem)
    key.write_bytes(own.key_pem)

    assert site_certificate(chain, key).algorithm == b"es256"


@pytest.mark.parametrize("fault", ["missing", "text", "other key"])
def test_a_certificate_that_cannot_sign_is_refused_in_words(tmp_path, certificates, fault):
    own = development_certificate(certificates)
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(own.chain_pem)
    if fault == "text":
        key.write_text("no key")
    if fault == "other key":
        other = ec.generate_private_key(ec.SECP256R1())
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        key.write_bytes(other.private_bytes(pem, form, serialization.NoEncryption()))

    with pytest.raises(CredentialsError, match=r"GREENROOM_SIGNING_KEY|Expected a PEM"):
        site_certificate(chain, key)
