"""What single vendors do differently, against scripted answers."""

import json
from dataclasses import dataclass, field, replace
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
import stamina
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.adapters.http.endpoint import Access
from app.adapters.vendors.registry import open_vendors
from app.errors import OutcomeUnknownError, ProviderRefusedError, ProviderUnavailableError
from app.rendering.ports import ProviderFigures
from tests.support.simulated import served, spoken_job


@dataclass
class Script:
    """Answers by method and path; keeps what was asked."""

    answers: dict[str, tuple[int, object]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: Request) -> JSONResponse:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.asked.append((request.method, path, dict(request.headers), await request.body()))
        status, body = self.answers.get(f"{request.method} {request.url.path}", (404, {"detail": "Not Found"}))
        return JSONResponse(json.loads(json.dumps(body).replace("BASE", self.url)), status)

    def body_of(self, path: str) -> dict:
        return next(json.loads(body) for _, asked, _, body in self.asked if urlsplit(asked).path == path)

    def headers_of(self, path: str) -> dict[str, str]:
        return next(headers for _, asked, headers, _ in self.asked if urlsplit(asked).path == path)


@pytest.fixture
def script():
    made = Script()
    methods = ["GET", "POST", "PUT", "DELETE"]
    stamina.set_testing(True, attempts=2)
    with served(Starlette(routes=[Route("/{path:path}", made.answer, methods=methods)])) as url:
        made.url = url
        yield made
    stamina.set_testing(False)


@pytest.fixture
async def fal(script):
    renderer = open_vendors({"fal": Access("id:secret", base_url=script.url)})["fal"]
    yield renderer
    await renderer.aclose()


@pytest.fixture
def fal_storage(script):
    script.answers |= {
        "POST /storage/auth/token": (200, {"token": "pass", "token_type": "Bearer", "base_url": "BASE"}),
        "POST /files/upload": (200, {"access_url": "BASE/files/9.bin"}),
        "POST /fal-ai/infinitalk": (200, {"request_id": "r1"}),
    }


REFERENCE = {"id": "r1", "status": "{}/a/b/requests/r1/status", "response": "{}/a/b/requests/r1", "cancel": "{}/x"}


def _reference(url: str) -> str:
    return json.dumps({name: value.format(url) for name, value in REFERENCE.items()})


async def test_any_fal_model_takes_the_media_and_the_job_s_own_inputs(script, fal, fal_storage, tmp_path):
    job = spoken_job(tmp_path, model="fal-ai/infinitalk", token="tok1")

    request_id = await fal.submit(replace(job, parameters={"prompt": "calm", "image_url": "https://evil.test"}))

    sent = script.body_of("/fal-ai/infinitalk")
    assert sent == {
        "prompt": "calm",
        "image_url": f"{script.url}/files/9.bin",
        "audio_url": f"{script.url}/files/9.bin#tok1",
    }
    assert json.loads(request_id)["status"] == f"{script.url}/fal-ai/infinitalk/requests/r1/status"
    assert script.headers_of("/files/upload")["authorization"] == "Bearer pass"
    assert script.headers_of("/fal-ai/infinitalk")["authorization"] == "Key id:secret"


async def test_a_foreign_status_address_never_sees_the_key(script, fal, fal_storage, tmp_path):
    script.answers["POST /fal-ai/infinitalk"] = (200, {"request_id": "r1", "status_url": "https://evil.test/steal"})

    request_id = await fal.submit(spoken_job(tmp_path, model="fal-ai/infinitalk", token="tok1"))

    assert "evil.test" not in request_id


@pytest.mark.parametrize(
    ("answer", "state", "charged"),
    [
        ((422, {"detail": [{"msg": "no face", "type": "image_error"}]}), "failed", True),
        ((500, {"detail": [{"msg": "boom", "type": "internal"}]}), "failed", False),
        ((400, {"detail": "Request was cancelled"}), "failed", True),
        ((400, {"detail": "Request is still in progress"}), "running", False),
        ((200, {"video": {"url": "https://x.test/v.mp4"}}), "done", False),
        ((200, {"output": ["https://x.test/v.mp4"]}), "no_video", True),
        ((200, {}), "no_video", True),
    ],
)
async def test_fal_is_done_only_when_the_result_says_so(script, fal, answer, state, charged):
    script.answers |= {
        "GET /a/b/requests/r1/status": (200, {"status": "COMPLETED"}),
        "GET /a/b/requests/r1": answer,
    }

    found = await fal.poll(_reference(script.url))

    assert (found.state, found.charged) == (state, charged)


async def test_what_fal_says_has_failed_is_not_asked_for_again(script, fal):
    script.answers |= {
        "GET /a/b/requests/r1/status": (200, {"status": "COMPLETED", "error": "x", "error_type": "startup_timeout"}),
        "GET /a/b/requests/r1": (504, {"detail": "no runner", "error_type": "startup_timeout"}),
    }

    found = await fal.poll(_reference(script.url))

    assert (found.state, found.charged) == ("failed", False)


async def test_a_gateway_s_error_at_fal_s_result_is_not_the_job_s(script, fal):
    script.answers |= {
        "GET /a/b/requests/r1/status": (200, {"status": "COMPLETED"}),
        "GET /a/b/requests/r1": (503, {"detail": "no runner", "error_type": "runner_connection_refused"}),
    }

    with pytest.raises(ProviderUnavailableError):
        await fal.poll(_reference(script.url))


async def test_a_model_named_by_id_is_searched_for_in_a_process_that_never_submitted_it(script, fal):
    page = {"items": [{"request_id": "r9", "json_input": {"audio_url": "x#tok1"}}], "has_more": False}
    script.answers["GET /v1/models/requests/by-endpoint"] = (200, {"items": [], "has_more": False})
    fal.remember("fal-ai/infinitalk")

    assert await fal.find("tok1") is None
    assert any("infinitalk" in path for _, path, _, _ in script.asked if "by-endpoint" in path)
    script.answers["GET /v1/models/requests/by-endpoint"] = (200, page)
    assert fal.provider_id(await fal.find("tok1")) == "r9"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("wrapped", [True, False])
async def test_wavespeed_s_list_is_asked_for_in_either_way(script, method, wrapped):
    rows = [{"id": "p1", "input": {"audio": "https://x.test/tok1.wav"}}]
    script.answers[f"{method} /api/v3/predictions"] = (200, {"code": 200, "data": {"items": rows} if wrapped else rows})
    renderer = open_vendors({"wavespeed": Access("secret", base_url=script.url)})["wavespeed"]

    assert await renderer.find("tok1") == "p1"
    await renderer.aclose()


async def test_a_pause_asked_for_under_a_200_is_handed_on(script):
    script.answers["GET /api/v3/predictions/p1/result"] = (200, {"code": 429, "message": "slow down"})
    renderer = open_vendors({"wavespeed": Access("secret", base_url=script.url)})["wavespeed"]

    with pytest.raises(ProviderUnavailableError):
        await renderer.poll("p1")
    await renderer.aclose()


async def test_what_an_operator_knows_to_take_nothing_is_sent_again(script, tmp_path):
    script.answers |= {
        "POST /api/v1/model/uploadMedia": (200, {"code": 200, "data": {"download_url": "BASE/get"}}),
        "POST /api/v1/model/generateVideo": (503, {"msg": "no capacity"}),
    }
    known = {"atlascloud": {"not_taken": [503]}}
    for overrides, error in (({}, OutcomeUnknownError), (known, ProviderUnavailableError)):
        renderer = open_vendors({"atlascloud": Access("secret", base_url=script.url)}, overrides)["atlascloud"]

        with pytest.raises(error):
            await renderer.submit(spoken_job(tmp_path, model="kling-avatar-v2-pro", token="tok1"))
        await renderer.aclose()


async def test_a_result_at_the_vendor_s_own_address_is_fetched_where_the_vendor_is(script, tmp_path):
    script.answers["GET /files/v.mp4"] = (200, {"film": True})
    renderer = open_vendors({"fal": Access("secret", base_url=script.url)})["fal"]

    await renderer.wire.fetch_to("https://v3.fal.media/files/v.mp4", tmp_path / "v.mp4", max_bytes=1000)

    assert (tmp_path / "v.mp4").read_bytes().startswith(b"{")
    assert "authorization" not in script.headers_of("/files/v.mp4")
    await renderer.aclose()


TOKEN = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("vendor", "path", "body"),
    [
        ("did", "/talks/j1", {"id": "j1", "status": "started", "user_data": TOKEN}),
        ("heygen", "/v3/videos/j1", {"data": {"id": "j1", "status": "processing", "title": TOKEN}}),
        ("sync", "/v2/generate/j1", {"status": "PENDING", "input": [{}, {"type": "audio", "url": f"BASE/a#{TOKEN}"}]}),
    ],
)
async def test_a_job_shows_our_token_where_the_vendor_keeps_it(script, vendor, path, body):
    script.answers[f"GET {path}"] = (200, body)
    renderer = open_vendors({vendor: Access("secret", base_url=script.url)})[vendor]

    assert (await renderer.poll("j1")).token == TOKEN
    await renderer.aclose()


async def test_fal_s_list_is_read_page_by_page(script, fal):
    script.answers["GET /v1/models/requests/by-endpoint"] = (
        200,
        {"items": [], "has_more": True, "next_cursor": "Mg=="},
    )

    with pytest.raises(ProviderUnavailableError, match="more than"):
        await fal.find("tok1")

    assert "cursor=Mg" in script.asked[1][1]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"code": 401, "message": "bad key"}, ProviderRefusedError),
        ({"code": 429, "message": "slow down"}, ProviderUnavailableError),
        ({"code": 500, "message": "oops"}, OutcomeUnknownError),
        ({"code": 200, "data": {}}, OutcomeUnknownError),
    ],
)
async def test_wavespeed_s_envelope_counts_under_a_200(script, tmp_path, body, error):
    script.answers |= {
        "POST /api/v3/media/uploads": (
            200,
            {"code": 200, "data": {"upload": {"url": "BASE/put", "headers": {}}, "download_url": "BASE/get"}},
        ),
        "PUT /put": (200, {}),
        "POST /api/v3/kwaivgi/kling-v2-ai-avatar-pro": (200, body),
    }
    renderer = open_vendors({"wavespeed": Access("secret", base_url=script.url)})["wavespeed"]

    with pytest.raises(error):
        await renderer.submit(spoken_job(tmp_path, model="kling-avatar-v2-pro", token="tok1"))

    assert "authorization" not in script.headers_of("/put")
    await renderer.aclose()


@pytest.mark.parametrize(
    "output", ["https://x.test/v.mp4", ["https://x.test/v.mp4"], {"video": {"url": "https://x.test/v.mp4"}}]
)
async def test_eachlabs_output_comes_in_any_shape(script, output):
    script.answers["GET /v1/prediction/p1"] = (200, {"id": "p1", "status": "success", "output": output})
    renderer = open_vendors({"eachlabs": Access("secret", base_url=script.url)})["eachlabs"]

    assert (await renderer.look("p1")).video_url == "https://x.test/v.mp4"
    await renderer.aclose()


async def test_atlascloud_does_not_know_a_new_job_at_once(script):
    access = {"atlascloud": Access("secret", base_url=script.url)}
    patient = open_vendors(access)["atlascloud"]
    strict = open_vendors(access, {"atlascloud": {"settings": {"blind_s": 0.0}}})["atlascloud"]

    assert (await patient.poll("p1")).state == "queued"
    assert (await strict.poll("p1")).state == "unknown"
    await patient.aclose()
    await strict.aclose()


@pytest.mark.parametrize(
    ("free_ends", "state", "charged"),
    [
        (None, "failed", False),
        (None, "timeout", False),
        (None, "cancelled", True),
        (["failed"], "timeout", True),
        (["failed", "timeout", "cancelled"], "cancelled", False),
    ],
)
async def test_which_ends_are_free_at_atlascloud_is_a_fact_of_its_own(script, free_ends, state, charged):
    told = {"atlascloud": {"free_ends": free_ends}} if free_ends else {}
    renderer = open_vendors({"atlascloud": Access("secret", base_url=script.url)}, told)["atlascloud"]
    script.answers["GET /api/v1/model/prediction/p1"] = (200, {"code": 200, "data": {"id": "p1", "status": state}})

    found = await renderer.poll("p1")
    await renderer.aclose()

    assert (found.state, found.charged) == ("failed", charged)


async def test_heygen_s_order_is_the_same_in_a_process_that_uploads_anew(script, tmp_path):
    script.answers |= {
        "POST /v3/assets": (200, {"data": {"asset_id": "a1"}}),
        "POST /v3/videos": (200, {"data": {"video_id": "v1"}}),
    }
    for _ in range(2):
        renderer = open_vendors({"heygen": Access("secret", base_url=script.url)})["heygen"]
        await renderer.submit(spoken_job(tmp_path, model="photo-avatar", token="tok1"))
        await renderer.aclose()

    keys = [(path, headers["idempotency-key"]) for _, path, headers, _ in script.asked]
    assert len(keys) == 6
    assert keys[:3] == keys[3:]
    assert len({key for path, key in keys if path == "/v3/assets"}) == 2
    assert keys[2] == ("/v3/videos", "tok1")


async def test_heygen_s_videos_are_found_by_title(script):
    script.answers["GET /v3/videos"] = (200, {"data": [{"id": "v0", "title": "x"}, {"id": "v1", "title": "tok1"}]})
    renderer = open_vendors({"heygen": Access("secret", base_url=script.url)})["heygen"]

    assert await renderer.find("tok1") == "v1"
    assert "title=tok1" in script.asked[0][1]
    await renderer.aclose()


async def test_sync_s_refusal_that_names_the_generation_is_an_acceptance(script, tmp_path):
    script.answers |= {
        "POST /v2/assets/upload": (200, {"uploadUrl": "BASE/put", "url": "BASE/get"}),
        "PUT /put": (200, {}),
        "POST /v2/generate": (409, {"errorCode": "IDEMPOTENCY_OUTCOME_UNKNOWN", "generationId": "g1"}),
    }
    renderer = open_vendors({"sync": Access("secret", base_url=script.url)})["sync"]
    idle = tmp_path / "idle.mp4"
    idle.write_bytes(b"film")

    job = replace(spoken_job(tmp_path, model="lipsync-2", token="tok1"), video=idle)

    assert await renderer.submit(job) == "g1"
    assert script.headers_of("/v2/generate")["idempotency-key"] == "tok1"
    assert script.body_of("/v2/generate")["input"][0] == {"type": "video", "url": f"{script.url}/get"}
    await renderer.aclose()


def _cost(status: str, cost: object) -> dict[str, object]:
    return {"status": status, "output": "u", "metrics": {"predict_time": 1.0, "cost": cost}}


@pytest.mark.parametrize(
    ("vendor", "path", "body", "figures"),
    [
        ("eachlabs", "/v1/prediction/j1", _cost("success", 0.1955), ProviderFigures(charged=Decimal("0.1955"))),
        ("eachlabs", "/v1/prediction/j1", _cost("error", 0), ProviderFigures(charged=Decimal(0))),
        ("eachlabs", "/v1/prediction/j1", _cost("success", None), None),
        ("heygen", "/v3/videos/j1", {"data": {"status": "completed", "duration": 4.2}}, ProviderFigures(seconds=4.2)),
        ("did", "/talks/j1", {"status": "done", "result_url": "u", "duration": 4}, ProviderFigures(seconds=4.0)),
        ("sync", "/v2/generate/j1", {"status": "COMPLETED", "outputDuration": 4.25}, ProviderFigures(seconds=4.25)),
    ],
)
async def test_what_a_vendor_says_of_its_bill_is_read(script, vendor, path, body, figures):
    script.answers[f"GET {path}"] = (200, body)
    renderer = open_vendors({vendor: Access("secret", base_url=script.url)})[vendor]

    assert (await renderer.poll("j1")).figures == figures
    await renderer.aclose()


@pytest.mark.parametrize("duration", [0, None, "4.2", True, -1])
async def test_a_length_that_says_nothing_is_no_figure(script, duration):
    script.answers["GET /talks/j1"] = (200, {"status": "done", "result_url": "u", "duration": duration})
    renderer = open_vendors({"did": Access("secret", base_url=script.url)})["did"]

    assert (await renderer.poll("j1")).figures is None
    await renderer.aclose()
