"""Kling itself: tokens that a key signs, one prompt and one sound, and our own id by which a job is found."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import replace
from uuid import uuid4

import pytest
import stamina
from PIL import Image

from app.adapters.http.endpoint import Access
from app.adapters.http.response import Response
from app.adapters.vendors.facts import load_facts
from app.adapters.vendors.kling import bearer
from app.adapters.vendors.registry import open_vendors
from app.errors import (
    LimitExceededError,
    OutcomeUnknownError,
    PortraitError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from app.runtime.settings.vendors import VendorSettings
from app.simulators.faults import Fault
from tests.support.simulated import simulators, spoken_job

KEYS = "an-access-key:a-secret-key-of-some-length-0123"
AVATARS = "/v1/videos/avatar/image2video"


@pytest.fixture(scope="module")
def simulated():
    with simulators() as running:
        running.stage.keys = {"kling": KEYS}
        yield running


@pytest.fixture
async def renderer(simulated):
    stamina.set_testing(True, attempts=3)
    made = open_vendors({"kling": Access(KEYS, base_url=f"{simulated.url}/kling")})["kling"]
    yield made
    await made.aclose()
    stamina.set_testing(False)
    simulated.stage.faults.clear()


def a_job(folder, **details: float):
    return spoken_job(folder, model="avatar-standard", token=uuid4().hex, **details)


def read(token: str) -> tuple[dict, dict]:
    head, claims, _ = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, claims))


def test_a_key_of_two_halves_signs_a_token_for_half_an_hour():
    token = bearer(KEYS, now=1_000.0)

    head, claims = read(token)
    message, _, signature = token.rpartition(".")
    expected = hmac.new(KEYS.partition(":")[2].encode(), message.encode(), hashlib.sha256).digest()
    assert (head, claims) == ({"alg": "HS256", "typ": "JWT"}, {"iss": "an-access-key", "exp": 2_800, "nbf": 995})
    assert base64.urlsafe_b64decode(signature + "=") == expected
    assert "a-secret-key" not in token


def test_a_single_key_is_sent_as_it_is():
    assert bearer("one-key", now=0.0) == "one-key"


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"kling_api_key": "one"}, "one"),
        ({"kling_access_key": "a", "kling_secret_key": "s"}, "a:s"),
        ({"kling_api_key": "one", "kling_access_key": "a", "kling_secret_key": "s"}, "one"),
        ({"kling_access_key": "a"}, ""),
    ],
)
def test_the_settings_take_a_key_or_its_two_halves(given, key):
    assert VendorSettings(_env_file=None, **given).access("kling").key == key


async def test_another_secret_is_refused_and_nothing_is_spent(simulated, tmp_path):
    wrong = open_vendors({"kling": Access("an-access-key:another", base_url=f"{simulated.url}/kling")})["kling"]

    with pytest.raises(ProviderRefusedError) as caught:
        await wrong.submit(a_job(tmp_path))

    assert caught.value.reason == "auth"


async def test_a_token_that_has_run_out_is_refused_by_the_simulator(renderer):
    old = bearer(KEYS, now=time.time() - 4_000)

    answer = await renderer.wire.ask("GET", AVATARS, headers={"Authorization": f"Bearer {old}"})

    assert (answer.status, answer.document["code"]) == (401, 1004)


async def test_a_job_has_a_prompt_a_mode_one_sound_and_our_id(renderer, tmp_path):
    job = replace(a_job(tmp_path), model="avatar-pro")

    order = renderer.order(job, renderer.facts.model("avatar-pro"), await renderer._media(job), None)

    assert order.url == AVATARS
    assert (order.body["mode"], order.body["external_task_id"]) == ("pro", job.token)
    assert order.body["prompt"] == renderer.facts.settings["prompt"]
    assert "audio_id" not in order.body
    assert not order.body["image"].startswith("data:")


async def test_a_prompt_that_is_too_long_is_refused_before_it_costs(renderer, tmp_path):
    with pytest.raises(LimitExceededError, match="2500 characters"):
        await renderer.submit(replace(a_job(tmp_path), parameters={"prompt": "a" * 2_501}))


async def test_a_portrait_of_another_ratio_is_refused_before_it_costs(renderer, tmp_path):
    job = a_job(tmp_path)
    Image.new("RGB", (400, 1_100)).save(job.portrait)

    with pytest.raises(PortraitError, match=r"0\.4 to 2\.5"):
        await renderer.submit(job)


async def test_a_lost_job_is_found_by_our_id_and_in_the_list(renderer, simulated, tmp_path, monkeypatch):
    job = a_job(tmp_path)
    simulated.trouble("kling", Fault.LOST_ANSWER)
    with pytest.raises(OutcomeUnknownError):
        await renderer.submit(job)

    found = await renderer.find(job.token)
    asked = renderer.question

    async def by_list_only(url, *, headers, params=None):
        return None if url.endswith(job.token) else await asked(url, headers=headers, params=params)

    monkeypatch.setattr(renderer, "question", by_list_only)

    assert found is not None
    assert await renderer.find(job.token) == found
    assert (await renderer.poll(found)).token == job.token
    assert await renderer.find(uuid4().hex) is None


async def test_the_simulator_takes_each_of_our_ids_once(renderer, tmp_path):
    job = a_job(tmp_path)
    await renderer.submit(job)

    with pytest.raises(ProviderRefusedError, match="in use"):
        await renderer.submit(job)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (429, 1102, ProviderRefusedError),
        (429, 1101, ProviderRefusedError),
        (429, 1303, ProviderUnavailableError),
        (429, 1302, ProviderUnavailableError),
        (200, 1201, ProviderRefusedError),
        (200, 1004, ProviderRefusedError),
        (200, 1303, ProviderUnavailableError),
        (400, 1301, ProviderRefusedError),
        (500, 5000, OutcomeUnknownError),
        (200, 5001, OutcomeUnknownError),
    ],
)
async def test_an_error_means_what_its_code_says(renderer, tmp_path, status, code, error):
    job = a_job(tmp_path)
    order = renderer.order(job, renderer.facts.model("avatar-standard"), await renderer._media(job), None)

    with pytest.raises(error):
        renderer.accepted(Response(status, {}, json.dumps({"code": code, "message": "no"}).encode()), order)


def test_the_beijing_address_is_a_line_in_the_sites_own_facts():
    assert load_facts()["kling"].home == "https://api-singapore.klingai.com"
    beijing = load_facts({"kling": {"home": "https://api-beijing.klingai.com"}})["kling"]

    made = open_vendors({"kling": Access("k")}, {"kling": {"home": beijing.home}})["kling"]

    assert made.site.at(AVATARS) == f"https://api-beijing.klingai.com{AVATARS}"
