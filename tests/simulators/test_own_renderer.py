"""The simulated own renderer: what the contract of `http/renderer` promises, asked for without our adapter."""

import base64
from uuid import uuid4

import pytest

from tests.simulators.running import Running, until

KEY = {"Authorization": "Bearer key"}


@pytest.fixture
def body(portrait: bytes, speech: bytes) -> dict:
    def uri(kind: str, content: bytes) -> str:
        return f"data:{kind};base64,{base64.b64encode(content).decode()}"

    video = {"width": 256, "height": 256, "fps": 25}
    return {
        "id": uuid4().hex,
        "portrait": uri("image/png", portrait),
        "audio": uri("audio/wav", speech),
        "video": video,
    }


def _over(sim: Running, name: str) -> dict:
    def job() -> dict | None:
        told = sim.http.get(f"/http/v1/renders/{name}", headers=KEY).json()
        return told if told["state"] in {"done", "failed", "cancelled"} else None

    return until(job)


def test_the_same_id_again_is_the_same_job(sim: Running, body: dict):
    first, again = (sim.http.post("/http/v1/renders", headers=KEY, json=body) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"] == body["id"]
    _over(sim, body["id"])
    assert sim.bill("http")["jobs_accepted"] == 1


def test_the_video_comes_whole_and_in_ranges(sim: Running, body: dict):
    sim.http.post("/http/v1/renders", headers=KEY, json=body)
    size = _over(sim, body["id"])["video_bytes"]
    address = f"/http/v1/renders/{body['id']}/video"

    whole = sim.http.get(address, headers=KEY)
    part = sim.http.get(address, headers={**KEY, "Range": "bytes=4-11"})

    assert len(whole.content) == size
    assert (part.status_code, part.content) == (206, whole.content[4:12])
    assert sim.http.get(address).status_code == 401


def test_a_cancelled_job_stays_cancelled(sim: Running, body: dict):
    sim.http.post("/http/v1/renders", headers=KEY, json=body)

    told = sim.http.delete(f"/http/v1/renders/{body['id']}", headers=KEY).json()

    assert told["state"] == "cancelled"
    assert _over(sim, body["id"])["video_bytes"] is None


@pytest.mark.parametrize(
    "wrong",
    [{"id": "../up"}, {"portrait": "http://127.0.0.1:9/me.png"}, {"audio": "data:audio/wav;base64,no"}, {"video": {}}],
)
def test_what_is_no_render_is_refused_at_once(sim: Running, body: dict, wrong: dict):
    answer = sim.http.post("/http/v1/renders", headers=KEY, json={**body, **wrong})

    assert answer.status_code == 400
    assert answer.json()["error"]
    assert sim.bill("http")["jobs_accepted"] == 0
