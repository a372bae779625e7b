"""What every renderer does, against its provider's simulator on a real socket, and what the shipped fake does too."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import stamina

from app.adapters.http.endpoint import Access
from app.adapters.vendors.facts import load_facts
from app.adapters.vendors.registry import VENDORS, open_vendors
from app.errors import (
    AccessError,
    LimitExceededError,
    MediaError,
    OutcomeUnknownError,
    PortraitError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from app.rendering.abilities import Preparing
from app.rendering.fakes import FakeRenderer, RendererBehaviour
from app.rendering.ports import JobStatus, RenderJob, Webhooks
from app.simulators.faults import Fault, Operation
from tests.support.long import all_long_but
from tests.support.simulated import Simulated, simulators, spoken_job

SECRET = "whsec_0123456789abcdef"
OVERRIDES = {name: {"settings": {"blind_s": 0.0}} for name in ("atlascloud", "runware")}
FACTS = load_facts()
CALLING = [name for name in VENDORS if FACTS[name].webhook != "none"]
SIGNED = [name for name in CALLING if FACTS[name].webhook != "token"]
UNLOADING = [name for name in VENDORS if name not in {"http", "kling"}]
"""Those that take media before the job, and not in it."""

EVERYDAY = ("fake", "fal", "heygen", "http")
"""One of each kind: in memory, a queue with keys of its own, a vendor with an account, the contract of our own."""


@pytest.fixture(scope="module")
def simulated():
    with simulators() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_pauses(simulated):
    stamina.set_testing(True, attempts=4)
    yield
    stamina.set_testing(False)
    simulated.stage.faults.clear()


@dataclass
class Bench:
    """A renderer, its provider, and how to make that go wrong."""

    name: str
    renderer: object
    simulated: Simulated
    folder: Path

    def job(self, **details: float) -> RenderJob:
        model = self.renderer.capabilities.models[0]
        return spoken_job(self.folder, model=model, token=uuid4().hex, **details)

    def trouble(self, fault: Fault, operation: Operation = Operation.SUBMIT, *, times: int = 1) -> None:
        if self.name != "fake":
            self.simulated.trouble(self.name, fault, operation, times=times)
            return
        scripted = {Fault.LOST_ANSWER: "lose_times", Fault.RATE_LIMITED: "refuse_times", Fault.JOB_FAILED: "fail_times"}
        self.renderer.script = RendererBehaviour(**{scripted[fault]: times})

    async def accepted(self) -> int:
        """How many jobs the provider has taken so far."""
        if self.name == "fake":
            return len(self.renderer.bill)
        answer = await _admin(self.simulated, f"jobs?vendor={self.name}")
        return answer["total"]

    async def finished(self, request_id: str) -> JobStatus:
        deadline = time.monotonic() + 60
        while (status := await self.renderer.poll(request_id)).state not in {"done", "no_video", "failed"}:
            assert time.monotonic() < deadline, status
            await asyncio.sleep(0.05)
        return status


@pytest.fixture
async def bench(request, simulated, tmp_path):
    async with _bench(request.param, simulated, tmp_path) as made:
        yield made


@contextlib.asynccontextmanager
async def _bench(name: str, simulated: Simulated, folder: Path, *, hooks: bool = False):
    if name == "fake":
        yield Bench(name, FakeRenderer(), simulated, folder)
        return
    access = Access(
        "key-id:key-secret",
        base_url=f"{simulated.url}/{name}",
        webhook_base=simulated.hooks_url if hooks else None,
        webhook_secret=(await _admin(simulated, "secrets"))[name] if name == "sync" else None,
    )
    renderer = open_vendors({name: access}, OVERRIDES)[name]
    yield Bench(name, renderer, simulated, folder)
    await renderer.aclose()


async def _admin(simulated: Simulated, path: str):
    wire = open_vendors({"fal": Access("k", base_url=simulated.url)})["fal"].wire
    document = (await wire.ask("GET", f"{simulated.url}/_admin/{path}")).document
    await wire.aclose()
    return document


everyone = pytest.mark.parametrize("bench", all_long_but(["fake", *VENDORS], *EVERYDAY), indirect=True)
vendors = pytest.mark.parametrize("bench", all_long_but(VENDORS, *EVERYDAY), indirect=True)
unloading = pytest.mark.parametrize("bench", all_long_but(UNLOADING, *EVERYDAY), indirect=True)
calling = pytest.mark.parametrize("bench", all_long_but(CALLING, *EVERYDAY), indirect=True)


@everyone
async def test_a_job_is_filmed_and_brought(bench, tmp_path):
    request_id = await bench.renderer.submit(bench.job())

    status = await bench.finished(request_id)
    await bench.renderer.fetch(request_id, tmp_path / "film.mp4")

    assert status == JobStatus("done", done_share=1.0)
    assert (tmp_path / "film.mp4").stat().st_size > 100


@everyone
async def test_a_request_nobody_knows_is_unknown(bench):
    request_id = await bench.renderer.submit(bench.job())

    assert (await bench.renderer.poll(_another(request_id))).state == "unknown"


@everyone
async def test_a_lost_answer_is_told_as_unknown_and_not_sent_again(bench):
    before = await bench.accepted()
    bench.trouble(Fault.LOST_ANSWER)

    with pytest.raises(OutcomeUnknownError):
        await bench.renderer.submit(bench.job())

    assert await bench.accepted() == before + 1


@everyone
async def test_a_busy_provider_took_nothing(bench):
    before = await bench.accepted()
    bench.trouble(Fault.RATE_LIMITED)

    with pytest.raises(ProviderUnavailableError):
        await bench.renderer.submit(bench.job())

    assert await bench.accepted() == before


@everyone
async def test_a_failed_job_says_why(bench):
    bench.trouble(Fault.JOB_FAILED)
    request_id = await bench.renderer.submit(bench.job())

    status = await bench.finished(request_id)

    assert status.state == "failed"
    assert "fail" in status.error


@vendors
async def test_what_a_lost_answer_led_to_is_found_by_token(bench):
    job = bench.job()
    bench.trouble(Fault.LOST_ANSWER)
    with contextlib.suppress(OutcomeUnknownError):
        await bench.renderer.submit(job)
    await asyncio.sleep(0.3)  # fal lists what has started

    found = await bench.renderer.find(job.token)

    assert await bench.renderer.find(uuid4().hex) is None
    assert found is not None or bench.renderer.capabilities.find != "proof"
    if found is not None:
        assert (await bench.finished(found)).state == "done"


@vendors
@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.PAYMENT_REQUIRED, Fault.INVALID])
async def test_a_refusal_is_a_refusal(bench, fault):
    before = await bench.accepted()
    bench.trouble(fault)

    with pytest.raises(ProviderRefusedError) as caught:
        await bench.renderer.submit(bench.job())

    assert caught.value.reason == {"401": "auth", "402": "payment", "422": "input"}[fault]
    assert "key-secret" not in str(caught.value)
    assert await bench.accepted() == before


@vendors
async def test_the_pause_a_provider_asks_for_is_handed_on(bench):
    bench.trouble(Fault.RATE_LIMITED)

    with pytest.raises(ProviderUnavailableError) as caught:
        await bench.renderer.submit(bench.job())

    assert caught.value.retry_after_s is not None


@vendors
@pytest.mark.parametrize(
    "fault",
    [
        Fault.SERVER_ERROR, Fault.BAD_GATEWAY, Fault.UNAVAILABLE, Fault.GATEWAY_TIMEOUT,
        Fault.RESET, Fault.HTML_200, Fault.TRUNCATED_JSON,
    ],
)  # fmt: skip
async def test_anything_unclear_is_told_as_unknown_and_sent_once(bench, fault):
    before = await bench.accepted()
    bench.trouble(fault)

    with pytest.raises(OutcomeUnknownError):
        await bench.renderer.submit(bench.job())

    assert await bench.accepted() - before == (fault in {Fault.HTML_200, Fault.TRUNCATED_JSON})


@vendors
async def test_a_provider_that_is_not_there_took_nothing(bench, tmp_path):
    await bench.renderer.prepare(job := bench.job())
    gone = open_vendors({bench.name: Access("k", base_url="http://127.0.0.1:9")})[bench.name]

    with pytest.raises(ProviderUnavailableError):
        await gone.submit(job)
    with pytest.raises(ProviderUnavailableError):
        await gone.wire.submit("/any", {})


@unloading
async def test_media_brought_ahead_are_not_brought_again(bench):
    await bench.renderer.prepare(job := bench.job())
    bench.trouble(Fault.SERVER_ERROR, Operation.UPLOAD, times=0)

    request_id = await bench.renderer.submit(job)

    assert request_id
    assert isinstance(bench.renderer, Preparing)


@unloading
async def test_uploads_are_tried_again(bench):
    bench.trouble(Fault.BAD_GATEWAY, Operation.UPLOAD, times=2)

    assert await bench.renderer.submit(bench.job())


@unloading
async def test_an_upload_that_fails_spends_nothing(bench):
    before = await bench.accepted()
    bench.trouble(Fault.BAD_GATEWAY, Operation.UPLOAD, times=0)

    with pytest.raises(ProviderUnavailableError):
        await bench.renderer.submit(bench.job())

    assert await bench.accepted() == before


@vendors
async def test_an_unknown_state_counts_as_running(bench):
    bench.trouble(Fault.UNKNOWN_STATE)
    request_id = await bench.renderer.submit(bench.job())

    assert (await bench.renderer.poll(request_id)).state == "running"


@vendors
async def test_a_poll_is_tried_again(bench):
    request_id = await bench.renderer.submit(bench.job())
    bench.trouble(Fault.RESET, Operation.POLL, times=2)

    assert (await bench.renderer.poll(request_id)).state in {"queued", "running", "done"}


@vendors
async def test_a_finished_job_without_a_video_is_told_so_and_may_be_billed(bench):
    bench.trouble(Fault.NO_VIDEO)
    request_id = await bench.renderer.submit(bench.job())

    status = await bench.finished(request_id)

    assert (status.state, status.charged) == ("no_video", True)


@vendors
@pytest.mark.parametrize("fault", [Fault.ZERO_BYTES, Fault.OVERSIZED])
async def test_a_bad_file_is_refused_and_not_kept(bench, fault, tmp_path):
    small = bench.renderer.facts.model_copy(update={"max_video_bytes": 1 << 20})
    bench.renderer.facts = small
    bench.trouble(fault)
    request_id = await bench.renderer.submit(bench.job())
    await bench.finished(request_id)

    with pytest.raises(MediaError):
        await bench.renderer.fetch(request_id, tmp_path / "film.mp4")

    assert not (tmp_path / "film.mp4").exists()


@vendors
@pytest.mark.parametrize("fault", [Fault.RESULT_403, Fault.RESULT_404, Fault.SERVER_ERROR, Fault.RESET])
async def test_a_result_that_does_not_come_at_once_comes_later(bench, fault, tmp_path):
    request_id = await bench.renderer.submit(bench.job())
    await bench.finished(request_id)
    bench.trouble(fault, Operation.DOWNLOAD)

    await bench.renderer.fetch(request_id, tmp_path / "film.mp4")

    assert (tmp_path / "film.mp4").stat().st_size > 100


@vendors
async def test_too_long_a_sound_is_refused_before_anything_is_sent(bench):
    bench.renderer._capabilities = replace(bench.renderer.capabilities, max_duration_s=2.0, model_limits={})
    bench.trouble(Fault.SERVER_ERROR, Operation.UPLOAD, times=0)

    with pytest.raises(LimitExceededError):
        await bench.renderer.submit(bench.job())


@vendors
async def test_a_small_portrait_is_refused_before_anything_is_sent(bench):
    bench.trouble(Fault.SERVER_ERROR, Operation.UPLOAD, times=0)

    with pytest.raises(PortraitError):
        await bench.renderer.submit(bench.job(side_px=128))


@vendors
async def test_a_short_sound_is_padded_to_what_the_provider_takes(bench):
    request_id = await bench.renderer.submit(bench.job(duration_s=0.7))

    assert (await bench.finished(request_id)).state == "done"


@vendors
async def test_a_model_nobody_knows_is_refused(bench):
    with pytest.raises(ProviderRefusedError, match="Expected a model of"):
        await bench.renderer.submit(replace(bench.job(), model="kling-avatar-v9"))


@calling
async def test_a_private_webhook_address_is_refused_before_anything_is_sent(bench):
    access = Access("k", webhook_base="http://127.0.0.1:8000")
    real = open_vendors({bench.name: access})[bench.name]

    with pytest.raises(ProviderRefusedError, match="public"):
        await real.submit(bench.job())


@pytest.mark.parametrize("name", all_long_but(CALLING, *EVERYDAY))
async def test_a_webhook_is_verified_on_its_raw_body(name, simulated, tmp_path):
    async with _bench(name, simulated, tmp_path, hooks=True) as bench:
        secret = await _registered(bench) if name == "heygen" else None
        job = bench.job()
        request_id = await bench.renderer.submit(job)
        headers, body = await _delivered(simulated, f"/v1/hooks/{name}/{job.token}")
        if secret is not None:
            bench.renderer.access = replace(bench.renderer.access, webhook_secret=secret)

        event = await bench.renderer.verify(headers, body, now=datetime.now(UTC))

        assert isinstance(bench.renderer, Webhooks)
        assert event.request_id == bench.renderer.provider_id(request_id)
        assert event.state == "done"


@pytest.mark.parametrize("name", all_long_but(SIGNED, *EVERYDAY))
async def test_a_forged_webhook_is_refused(name, simulated, tmp_path):
    async with _bench(name, simulated, tmp_path, hooks=True) as bench:
        simulated.trouble(name, Fault.FORGED, Operation.WEBHOOK)
        job = bench.job()
        await bench.renderer.submit(job)
        headers, body = await _delivered(simulated, f"/v1/hooks/{name}/{job.token}")

        with pytest.raises(AccessError):
            await bench.renderer.verify(headers, body, now=datetime.now(UTC))


@pytest.mark.parametrize(
    "name", all_long_but([name for name in SIGNED if name not in {"eachlabs", "heygen"}], *EVERYDAY)
)
async def test_a_webhook_signed_too_long_ago_or_changed_is_refused(name, simulated, tmp_path):
    async with _bench(name, simulated, tmp_path, hooks=True) as bench:
        job = bench.job()
        await bench.renderer.submit(job)
        headers, body = await _delivered(simulated, f"/v1/hooks/{name}/{job.token}")
        later = datetime.fromtimestamp(time.time() + 301, UTC)

        with pytest.raises(AccessError, match="within"):
            await bench.renderer.verify(headers, body, now=later)
        with pytest.raises(AccessError):
            await bench.renderer.verify(headers, body + b" ", now=datetime.now(UTC))


async def _registered(bench: Bench) -> str:
    """Register an endpoint with HeyGen, whose secret is shown once."""
    asked = {"url": f"{bench.simulated.hooks_url}/registered"}
    answer = await bench.renderer.wire.ask("POST", "/v3/webhooks/endpoints", json=asked)
    return answer.document["data"]["secret"]


async def _delivered(simulated: Simulated, path: str) -> tuple[dict[str, str], bytes]:
    deadline = time.monotonic() + 60
    while True:
        for found, headers, body in simulated.deliveries:
            if found == path:
                return headers, body
        assert time.monotonic() < deadline, f"no delivery for {path}"
        await asyncio.sleep(0.05)


def _another(request_id: str) -> str:
    """A request id of the same form."""
    digits = str.maketrans("0123456789abcdef", "123456789abcdef0")
    if request_id.startswith("{"):
        head, _, tail = request_id.rpartition("/requests/")
        return request_id.replace(tail[:36], tail[:36].translate(digits)) if head else request_id
    return request_id[:-12] + request_id[-12:].translate(digits)  # a version in a UUID stays what it is
