"""The simulators' parts one by one: media, clock, scheduling, addresses, keys, the server around them."""

import asyncio
import io
import math
from pathlib import Path

import av
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from starlette.responses import JSONResponse, Response

from app.errors import MediaError
from app.simulators.clock import Clock, standing
from app.simulators.context import SimulatorContext
from app.simulators.error_replies import MediaRefusedError
from app.simulators.faults import Fault, FaultBook, Operation, Rule, from_header
from app.simulators.file_storage import FileStorage
from app.simulators.http_client import is_private
from app.simulators.idempotency import IdempotencyKeys
from app.simulators.jobs import JobBook, Order, Phase
from app.simulators.local_video import LocalMedia, MouthByFace, mouthed
from app.simulators.server import VENDORS, create_app
from app.simulators.stub_video import PlainMedia, VideoOrder, first_frame, fitted, lower_middle, picture
from app.simulators.vendors.sync.generations import _KEYS
from app.simulators.voice import RATE, LocalVoice, ToneVoice
from tests.simulators.running import quick

MIRA = Path(__file__).parents[2] / "intents" / "avatars" / "mira.png"


def openings(film: bytes) -> list[float]:
    """How dark the mouth is, frame by frame."""
    x, y, half_w, half_h = lower_middle(Image.new("RGB", (1, 1)))
    dark = []
    with av.open(io.BytesIO(film)) as container:
        for frame in container.decode(video=0):
            luma = frame.to_ndarray(format="gray")
            high, wide = luma.shape
            rows = slice(int((y - half_h) * high), int((y + half_h) * high) + 1)
            dark.append(255 - float(luma[rows, int((x - half_w) * wide) : int((x + half_w) * wide)].mean()))
    return dark


def test_the_mouth_is_open_while_there_is_sound_and_closed_in_silence():
    loud = ToneVoice().speak("aaaaaaaaaaaaaaaa").samples[:RATE]
    sound = np.concatenate([np.zeros(RATE, np.float32), loud, np.zeros(RATE, np.float32)])
    film = PlainMedia().film(VideoOrder(Image.new("RGB", (320, 320), "white"), sound, 3.0, 320, 320, 25))

    dark = openings(film)

    assert len(dark) == 75
    assert max(dark[:24]) < 5
    assert max(dark[30:45]) > 40
    assert max(dark[51:]) < 5


@pytest.mark.parametrize(
    ("size", "area", "expected"),
    [
        ((1600, 900), (1920, 1080), (1920, 1072)),
        ((500, 500), (1920, 1080), (1440, 1440)),
        ((9, 16), (1280, 720), (720, 1280)),
    ],
)
def test_a_film_has_the_pictures_shape(size, area, expected):
    assert fitted(Image.new("RGB", size), area) == expected


def test_what_is_no_picture_and_no_video_is_said_so():
    with pytest.raises(MediaError):
        picture(b"no picture")
    with pytest.raises(MediaError):
        first_frame(b"no video")


def test_the_local_renderer_films_a_face_and_leaves_the_rest_to_the_plain_one(tmp_path):
    said = ToneVoice().speak("We open.")
    maker = LocalMedia(tmp_path, longest_px=128)
    nobody = Image.new("RGB", (320, 320), "grey")

    face = maker.film(VideoOrder(picture(MIRA.read_bytes()), said.samples, said.duration_s, 128, 128, 25))
    none = maker.film(VideoOrder(nobody, said.samples, said.duration_s, 128, 128, 25))
    mute = maker.film(VideoOrder(nobody, said.samples, said.duration_s, 128, 128, 25, with_sound=False))

    assert said.duration_s <= first_frame(face)[1] < said.duration_s + 1
    assert first_frame(none)[1] == pytest.approx(said.duration_s, abs=0.1)
    assert first_frame(mute)[0].size == (128, 128)


def test_a_mouth_is_found_in_a_face(tmp_path):
    x, y, half_w, half_h = MouthByFace(tmp_path)(picture(MIRA.read_bytes()))

    assert 0.4 < x < 0.6
    assert 0.5 < y < 0.7
    assert 0 < half_h < half_w < 0.15


def test_guessed_phonemes_rest_where_it_is_quiet():
    sound = np.concatenate([np.zeros(RATE // 2, np.float32), ToneVoice().speak("aaaa").samples])

    marks = mouthed(sound)

    assert marks[0].text != marks[-2].text
    assert marks[-1].end_s == pytest.approx(len(sound) / RATE, abs=0.1)


def test_the_local_voice_gives_every_character_a_time():
    text = "We open at nine."

    said = LocalVoice().speak(text)

    assert "".join(span.text for span in said.characters) == text
    assert said.characters[-1].end_s <= said.duration_s + 0.01
    assert [word.text for word in said.words] == text.split()


async def test_a_clock_that_is_advanced_wakes_those_who_wait():
    clock = standing(1_000.0)
    waiting = asyncio.create_task(clock.until(4_600.0))
    await asyncio.sleep(0)

    clock.advance(3_600)
    await asyncio.wait_for(waiting, 60)

    assert clock.now() == 4_600.0


async def test_a_real_clock_goes_by_itself():
    clock = Clock()
    began = clock.now()

    await clock.until(began + 0.05)

    assert clock.now() >= began + 0.05


def test_jobs_start_as_places_come_free():
    book = JobBook(places=2, queue_s=1.0, latency_s=10.0)

    jobs = [book.open(str(at), "v", Order("m", {}, ""), now=0.0, flaws=frozenset()) for at in range(5)]

    assert [job.start_at for job in jobs] == [1.0, 1.0, 11.0, 11.0, 21.0]
    assert jobs[2].phase(5.0) is Phase.QUEUED
    assert book.ahead_of(jobs[4], 5.0) == 2


def test_a_job_that_never_ends_takes_no_place():
    book = JobBook(places=1, queue_s=0.0, latency_s=10.0)
    stuck = book.open("a", "v", Order("m", {}, ""), now=0.0, flaws=frozenset({Fault.NEVER_FINISH}))

    after = book.open("b", "v", Order("m", {}, ""), now=0.0, flaws=frozenset())

    assert stuck.end_at == math.inf
    assert after.start_at == 0.0


def test_the_fault_book_takes_rules_in_order():
    book = FaultBook()
    book.add(Rule("fal", Operation.SUBMIT, Fault.RESET, after=1))
    book.add(Rule("*", Operation.SUBMIT, Fault.SERVER_ERROR))

    struck = [book.take("fal", Operation.SUBMIT) for _ in range(3)]

    assert [rule.fault if rule else None for rule in struck] == [Fault.SERVER_ERROR, Fault.RESET, None]


def test_a_header_may_say_whether_the_job_is_taken():
    assert from_header("500", "fal", Operation.SUBMIT).lets_through is False
    assert from_header("500; accepted", "fal", Operation.SUBMIT).lets_through is True
    assert from_header("lost_answer;refused", "fal", Operation.SUBMIT).lets_through is False


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://example.com/a.png", False),
        ("https://93.184.216.34/a.png", False),
        ("http://localhost/a.png", True),
        ("http://127.1/a.png", True),
        ("http://2130706433/a.png", True),
        ("http://0x7f.1/a.png", True),
        ("http://10.0.0.1/a.png", True),
        ("http://169.254.169.254/latest", True),
        ("http://100.64.0.1/a.png", True),
        ("http://[::1]/a.png", True),
        ("http://[fd00::1]/a.png", True),
        ("http://box.local/a.png", True),
        ("file:///etc/passwd", True),
    ],
)
def test_addresses_a_vendor_cannot_reach(url, private):
    assert is_private(url) is private


async def test_a_key_whose_request_still_runs_conflicts():
    keys = IdempotencyKeys(_KEYS, standing())
    gate = asyncio.Event()

    async def work() -> Response:
        await gate.wait()
        return JSONResponse({"id": "1"}, 201)

    first = asyncio.create_task(keys.once("k", {"a": 1}, work))
    await asyncio.sleep(0)
    meanwhile = await keys.once("k", {"a": 1}, work)
    gate.set()
    made = await first
    again = await keys.once("k", {"a": 1}, work)

    assert made.status_code == again.status_code == 201
    assert meanwhile.status_code == 409
    assert meanwhile.headers["retry-after"]
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_refused_request_frees_its_key():
    keys = IdempotencyKeys(_KEYS, standing())

    async def refuse() -> Response:
        raise MediaRefusedError("missing", "video", "no")  # type: ignore[arg-type]

    async def work() -> Response:
        return JSONResponse({"id": "1"}, 201)

    with pytest.raises(MediaRefusedError):
        await keys.once("k", {}, refuse)

    assert (await keys.once("k", {}, work)).status_code == 201


@pytest.mark.parametrize("name", sorted(VENDORS))
def test_every_vendor_can_be_served_alone_at_the_root(name):
    with TestClient(create_app(quick(), only=name)) as client:
        assert list(client.get("/_admin/bill").json()["vendors"]) == [name]
        assert client.get("/nowhere/at/all/here").status_code == 404


def test_an_unknown_vendor_cannot_be_served():
    with pytest.raises(KeyError, match="fal"):
        create_app(quick(), only="nobody")


def test_a_public_base_stands_in_every_address():
    stage = quick(public_base="https://sim.example.com", keys={"fal": "right"})
    with TestClient(create_app(stage)) as client:
        wrong = client.post("/fal/storage/auth/token", headers={"Authorization": "Key wrong"})
        token = client.post("/fal/storage/auth/token", headers={"Authorization": "Key right"}).json()

    assert wrong.status_code == 401
    assert token["base_url"] == "https://sim.example.com/fal"


def test_a_seed_repeats_the_ids():
    assert SimulatorContext(seed=7).new_id() == SimulatorContext(seed=7).new_id() != SimulatorContext(seed=8).new_id()


def test_a_dropped_connection_needs_a_real_server():
    with TestClient(create_app(quick())) as client, pytest.raises(ConnectionError, match="uvicorn"):
        client.post("/openai/v1/chat/completions", headers={"X-Simulate-Fault": "reset"})


def test_the_files_are_gone_when_the_server_ends(tmp_path):
    folder = tmp_path / "files"
    with TestClient(create_app(quick(storage=FileStorage(folder)))) as client:
        client.put("/sync/files/a/b.txt", content=b"bytes")
        assert client.get("/sync/files/a/b.txt", headers={"Range": "bytes=1-2"}).content == b"yt"

    assert not folder.exists()
