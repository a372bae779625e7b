import httpx2 as httpx
import pytest

from tests.money.recorders.cell import Outcome, complaints, play
from tests.money.recorders.faults import FAULTS, plays
from tests.money.recorders.media import film, spoken, wav_seconds
from tests.money.recorders.report import page
from tests.money.recorders.vendors.fal import Fal
from tests.money.recorders.vendors.heygen import HeyGen
from tests.money.recorders.vendors.registry import RECORDERS
from tests.money.recorders.wire import listening

ROUTES = {
    "fal": "/fal-ai/kling-video/ai-avatar/v2/standard",
    "wavespeed": "/api/v3/kwaivgi/kling-v2-ai-avatar-standard",
    "eachlabs": "/v1/prediction",
    "atlascloud": "/api/v1/model/generateVideo",
    "heygen": "/v3/videos",
    "did": "/talks",
    "sync": "/v2/generate",
    "runware": "/v1",
    "kling": "/v1/videos/avatar/image2video",
    "creatify": "/api/aurora/",
}


@pytest.mark.parametrize("fault", ["answer_lost", "no_video"])
def test_a_job_is_on_the_bill_once(fault):
    outcome = play("heygen", fault)

    assert complaints(outcome) == []
    assert outcome.bills_per_clip == [1, 1]


@pytest.mark.parametrize("vendor", RECORDERS)
def test_a_request_without_the_key_is_a_violation_and_no_job(vendor):
    recorder = RECORDERS[vendor]()
    with listening(recorder.answer) as recorder.url:
        answer = httpx.post(f"{recorder.url}{ROUTES[vendor]}", json={})

    assert answer.status_code == 401
    assert recorder.violations
    assert recorder.jobs == {}


@pytest.mark.parametrize("vendor", RECORDERS)
def test_an_unknown_route_is_a_violation(vendor):
    recorder = RECORDERS[vendor]()
    with listening(recorder.answer) as recorder.url:
        answer = httpx.get(f"{recorder.url}/status/abc")

    assert answer.status_code == 404
    assert "a documented route, got GET /status/abc" in recorder.violations


def test_a_recorder_sees_unknown_fields_and_media_that_were_never_uploaded():
    recorder = Fal()
    order = {"image_url": "https://x.test/a.png", "audio_url": "https://x.test/a.wav", "aspect_ratio": "1:1"}
    with listening(recorder.answer) as recorder.url:
        httpx.post(f"{recorder.url}{ROUTES['fal']}", json=order, headers={"Authorization": f"Key {recorder.key}"})

    assert "no unknown fields, got ['aspect_ratio']" in recorder.violations
    assert "an address of an upload as audio" in recorder.violations


def test_an_answer_is_lost_after_the_job_was_taken():
    recorder = HeyGen("answer_lost")
    with listening(recorder.answer) as recorder.url:
        with pytest.raises(httpx.TransportError):
            httpx.post(f"{recorder.url}/v3/videos", json={}, headers={"X-Api-Key": recorder.key})
        lost = len(recorder.jobs)
        httpx.post(f"{recorder.url}/v3/videos", json={}, headers={"X-Api-Key": recorder.key})

    assert (lost, len(recorder.jobs)) == (1, 2)


def test_a_second_bill_and_a_missing_booking_are_complaints():
    outcome = _an_outcome(bills_per_clip=[1, 2], bill="0.4", spent="0.1")

    found = complaints(outcome)

    assert [what.split()[0] for what in found] == ["bills", "ledger"]


def test_a_clip_that_should_be_parked_and_is_not_is_a_complaint():
    assert complaints(_an_outcome(states=["ready", "ready"])) != []


def test_the_page_shows_a_bad_cell_in_bold_and_says_why():
    shown = page(
        [_an_outcome(), _an_outcome(fault="clean", statuses=[0, 0], states=["ready"] * 2, bills_per_clip=[1, 3])]
    )

    assert "| the job is finished and has no video | 2/1 p |" in shown
    assert "**4/2**" in shown
    assert "bills of a clip 1, 3" in shown


def test_a_vendor_that_promises_to_bill_no_failure_is_not_asked_to_break_its_word():
    assert not plays("failed_billed", RECORDERS["heygen"])
    assert plays("failed_billed", RECORDERS["wavespeed"])
    assert len(FAULTS) >= 16


def test_media_are_as_long_as_they_say():
    assert wav_seconds(spoken(1.5, 200)) == 1.5
    assert b"ftyp" in film(5, 25)[:32]


def _an_outcome(**changed: object) -> Outcome:
    usual = {
        "vendor": "heygen",
        "fault": "no_video",
        "statuses": [5, 5],
        "orders": 2,
        "jobs": 2,
        "bill": "0.3",
        "spent": "0.15",
        "reserved": "0.16",
        "bills_per_clip": [1, 1],
        "states": ["parked", "ready"],
        "codes": [],
        "violations": {},
        "requests": 10,
        "took_s": 1.0,
    }
    return Outcome(**usual | changed)
