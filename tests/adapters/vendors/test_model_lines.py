"""Each model that a host sells: priced as its simulator bills it, and refused here where the host would refuse it."""

import asyncio
import time
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from PIL import Image

from app.adapters.http.endpoint import Access
from app.adapters.vendors.facts import load_facts
from app.adapters.vendors.registry import VENDORS, open_vendors
from app.errors import LimitExceededError, PortraitError, ProviderRefusedError
from app.rendering.ports import JobStatus
from tests.support.long import all_long_but
from tests.support.simulated import simulators, spoken_job

OWN_PRICE = {"models": {"renderer": {"price_per_s": "0.01"}}}
OVERRIDES = {name: {"settings": {"blind_s": 0.0}} for name in ("atlascloud", "runware")} | {"http": OWN_PRICE}
FACTS = {name: facts.capabilities for name, facts in load_facts().items()}
LINES = [(name, model) for name in VENDORS for model in FACTS[name].models]
EVERYDAY = [next(line for line in LINES if line[0] == name) for name in VENDORS if FACTS[name].models]
"""The first model of each host."""
SHAPED = [(name, model) for name, model in LINES if FACTS[name].of(model).portrait_ratio]


@pytest.fixture(scope="module")
def simulated():
    with simulators() as running:
        yield running


@pytest.fixture
async def renderer(request, simulated):
    name = request.param
    made = open_vendors({name: Access("key-id:key-secret", base_url=f"{simulated.url}/{name}")}, OVERRIDES)[name]
    yield made
    await made.aclose()


def lines(pairs):
    return pytest.mark.parametrize(
        ("renderer", "model"),
        pairs,
        indirect=["renderer"],
        ids=["/".join(getattr(pair, "values", pair)) for pair in pairs],
    )


def a_job(folder, model, *, size=(600, 600), duration_s=2.4):
    job = spoken_job(folder, model=model, token=uuid4().hex, duration_s=duration_s)
    Image.new("RGB", size, (200, 160, 140)).save(job.portrait)
    return job


async def ended(renderer, job) -> JobStatus:
    """How the job ends, refused at once or later."""
    try:
        request_id = await renderer.submit(job)
    except ProviderRefusedError as error:
        return JobStatus("failed", error=str(error))
    deadline = time.monotonic() + 60
    while (status := await renderer.poll(request_id)).state not in {"done", "failed"}:
        assert time.monotonic() < deadline, status
        await asyncio.sleep(0.05)
    return status


async def billed(renderer, simulated) -> Decimal:
    admin = await renderer.wire.ask("GET", f"{simulated.url}/_admin/bill")
    return Decimal(admin.document["vendors"][renderer.name]["amount"])


def loosened(renderer):
    """Forget the limits of ratio and size, as an older table of facts would."""
    free = replace(renderer.capabilities, model_limits={}, portrait_ratio=None, max_portrait_px=None)
    renderer._capabilities = replace(free, min_duration_s=0.0)


@lines(all_long_but(LINES, *EVERYDAY))
async def test_a_clip_costs_what_its_host_bills(renderer, model, simulated, tmp_path):
    before = await billed(renderer, simulated)
    estimate = renderer.capabilities.cost(model, 2.4)

    assert (await ended(renderer, a_job(tmp_path, model))).state == "done"

    spent = await billed(renderer, simulated) - before
    assert 0 < spent <= estimate
    assert spent == estimate or renderer.facts.model(model).mark != "V"


@lines(all_long_but(SHAPED, *SHAPED[:1]))
@pytest.mark.parametrize("tall", [True, False])
async def test_a_portrait_of_another_ratio_is_refused_before_it_costs(renderer, model, tall, tmp_path):
    least, most = renderer.capabilities.of(model).portrait_ratio
    size = (600, round(600 / least) + 100) if tall else (round(600 * most) + 100, 600)
    job = a_job(tmp_path, model, size=size, duration_s=4.1)

    with pytest.raises(PortraitError, match=rf"takes a width of {least:g} to {most:g} times the height"):
        await renderer.submit(job)

    loosened(renderer)
    assert "ratio" in (await ended(renderer, job)).error


@lines([("wavespeed", "omnihuman-2"), ("atlascloud", "omnihuman-2")])
async def test_a_portrait_with_too_long_a_side_is_refused_before_it_costs(renderer, model, tmp_path):
    job = a_job(tmp_path, model, size=(6_100, 3_000), duration_s=4.1)

    with pytest.raises(PortraitError, match="at most 6000 pixels a side"):
        await renderer.submit(job)

    loosened(renderer)
    assert "6000" in (await ended(renderer, job)).error


@lines([("wavespeed", "omnihuman-2"), ("atlascloud", "omnihuman-2")])
async def test_a_sound_shorter_than_the_model_takes_is_padded(renderer, model, tmp_path):
    job = a_job(tmp_path, model, duration_s=2.4)

    assert (await ended(renderer, job)).state == "done"
    loosened(renderer)
    assert "at least 4 s" in (await ended(renderer, replace(job, token=uuid4().hex))).error


@lines([("fal", "omnihuman-1-5")])
async def test_a_sound_longer_than_the_model_takes_is_refused_before_it_costs(renderer, model, tmp_path):
    job = a_job(tmp_path, model, duration_s=60.5)

    with pytest.raises(LimitExceededError, match="up to 60 s"):
        await renderer.submit(job)

    renderer._capabilities = replace(renderer.capabilities, max_duration_s=100.0, model_limits={}, max_audio_bytes=None)
    assert "at most 60 s" in (await ended(renderer, job)).error


async def test_a_longer_clip_goes_to_the_model_that_takes_it():
    facts = load_facts()["wavespeed"].capabilities

    assert [facts.of(model).max_duration_s for model in ("kling-avatar-v2-pro", "omnihuman-2")] == [60.0, 300.0]
    assert facts.of("bytedance/omni-human-2.0") == facts.of("omnihuman-2")
