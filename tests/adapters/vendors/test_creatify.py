"""Creatify: media by address, our token as the task's name, and what its states mean for the money."""

import pytest

from app.adapters.http.endpoint import Access
from app.adapters.vendors.registry import open_vendors
from app.errors import ProviderRefusedError
from app.simulators.vendors.creatify import CREDIT, CREDITS
from tests.adapters.vendors.test_wire_shapes import Script, script  # noqa: F401  a fixture
from tests.support.simulated import spoken_job

TOKEN = "0123456789abcdef" * 2


@pytest.fixture
async def creatify(script: Script):  # noqa: F811
    put: list[tuple[str, str]] = []

    async def host(name: str, _: bytes, media_type: str) -> str:
        put.append((name, media_type))
        return f"https://bucket.example.org/{name}?signature=s"

    access = Access("id:secret", base_url=script.url, webhook_base="http://127.0.0.1:8000", media_host=host)
    renderer = open_vendors({"creatify": access})["creatify"]
    renderer.put = put
    yield renderer
    await renderer.aclose()


async def test_media_go_by_address_and_the_token_is_the_name(script, creatify, tmp_path):  # noqa: F811
    script.answers["POST /api/aurora/"] = (201, {"id": "task-1", "status": "pending"})

    assert await creatify.submit(spoken_job(tmp_path, model="aurora-2", token=TOKEN)) == "task-1"

    body, headers = script.body_of("/api/aurora/"), script.headers_of("/api/aurora/")
    assert [media_type for _, media_type in creatify.put] == ["image/png", "audio/wav"]
    assert body["audio"] == f"https://bucket.example.org/{TOKEN}.wav?signature=s"
    assert body["image"].startswith("https://bucket.example.org/")
    assert (body["model_version"], body["name"]) == ("aurora_v2", TOKEN)
    assert body["webhook_url"].endswith(f"/v1/hooks/creatify/{TOKEN}")
    assert (headers["x-api-id"], headers["x-api-key"]) == ("id", "secret")


async def test_without_a_bucket_nothing_is_sent(tmp_path):
    renderer = open_vendors({"creatify": Access("id:secret")})["creatify"]

    with pytest.raises(ProviderRefusedError, match="CREATIFY_MEDIA_URL"):
        await renderer.submit(spoken_job(tmp_path, model="aurora-2", token=TOKEN))


@pytest.mark.parametrize("wrapped", [False, True])
async def test_a_task_is_found_by_its_name_in_a_list_or_a_page(script, creatify, wrapped):  # noqa: F811
    tasks = [{"id": "task-2", "name": "mine"}, {"id": "task-1", "name": TOKEN}]
    script.answers["GET /api/aurora/"] = (200, {"results": tasks} if wrapped else tasks)

    assert await creatify.find(TOKEN) == "task-1"
    assert await creatify.find("f" * 32) is None


@pytest.mark.parametrize(
    ("told", "state", "charged"),
    [
        ({"status": "in_queue"}, "queued", False),
        ({"status": "failed", "failed_reason": "no face"}, "failed", False),
        ({"status": "rejected", "failed_reason": "not allowed"}, "failed", True),
        ({"status": "done", "video_output": ""}, "no_video", True),
        ({"status": "done", "video_output": "https://x.y/a.mp4"}, "done", False),
    ],
)
async def test_what_a_state_means_for_the_money(script, creatify, told, state, charged):  # noqa: F811
    script.answers["GET /api/aurora/task-1/"] = (200, {"id": "task-1", "name": TOKEN, **told})

    status = await creatify.poll("task-1")

    assert (status.state, status.charged, status.token) == (state, charged, TOKEN)


async def test_the_length_that_is_billed_is_read(script, creatify):  # noqa: F811
    told = {"id": "task-1", "status": "done", "video_output": "https://x.y/a.mp4", "duration": 11}
    script.answers["GET /api/aurora/task-1/"] = (200, told)

    assert (await creatify.poll("task-1")).figures.seconds == 11


async def test_neither_half_of_the_key_is_told(script, creatify, tmp_path):  # noqa: F811
    script.answers["POST /api/aurora/"] = (401, {"detail": "the key secret is not valid"})

    with pytest.raises(ProviderRefusedError) as caught:
        await creatify.submit(spoken_job(tmp_path, model="aurora-2", token=TOKEN))

    assert "secret" not in str(caught.value)


def test_prices_are_credits_at_the_small_plan():
    models = open_vendors({"creatify": Access("id:secret")})["creatify"].facts.models.values()

    assert {model.endpoint: model.price_per_s for model in models} == {
        name: amount * CREDIT for name, amount in CREDITS.items()
    }
