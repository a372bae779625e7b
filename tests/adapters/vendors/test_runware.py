"""Runware: the client names the job, so the same order twice is one job, and a lost one is asked for by its name."""

import asyncio
from uuid import UUID, uuid4

import pytest
import stamina

from app.adapters.http.endpoint import Access
from app.adapters.http.response import Response
from app.adapters.vendors.registry import open_vendors
from app.adapters.vendors.runware import task_uuid
from app.errors import OutcomeUnknownError, ProviderRefusedError, ProviderUnavailableError
from app.simulators.faults import Fault, Operation
from tests.support.simulated import simulators, spoken_job

MODEL = "avatar-6-turbo"


@pytest.fixture(scope="module")
def simulated():
    with simulators() as running:
        yield running


@pytest.fixture
async def renderer(simulated):
    stamina.set_testing(True, attempts=3)
    made = open_vendors({"runware": Access("key", base_url=f"{simulated.url}/runware")})["runware"]
    yield made
    await made.aclose()
    stamina.set_testing(False)
    simulated.stage.faults.clear()


def a_job(folder):
    return spoken_job(folder, model=MODEL, token=uuid4().hex)


async def bill(renderer, simulated):
    answer = await renderer.wire.ask("GET", f"{simulated.url}/_admin/bill")
    return answer.document["vendors"]["runware"]


async def done(renderer, request_id) -> None:
    for _ in range(400):
        if (await renderer.poll(request_id)).state == "done":
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never ended")


def test_the_name_is_the_token_as_a_uuid_of_version_4():
    token = uuid4().hex

    assert task_uuid(token).replace("-", "") == token
    assert UUID(task_uuid(token)).version == 4
    assert task_uuid(token) == task_uuid(token)


async def test_the_same_order_sent_often_and_at_once_is_one_job(renderer, simulated, tmp_path):
    before, job = await bill(renderer, simulated), a_job(tmp_path)
    await renderer.prepare(job)

    names = await asyncio.gather(*(renderer.submit(job) for _ in range(8)))
    await done(renderer, names[0])
    again = await renderer.submit(job)

    after = await bill(renderer, simulated)
    assert {*names, again} == {task_uuid(job.token)}
    assert after["jobs_accepted"] - before["jobs_accepted"] == 1
    assert after["jobs_charged"] - before["jobs_charged"] == 1
    assert after["paid_twice"] == before["paid_twice"]


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.HTML_200, Fault.TRUNCATED_JSON])
async def test_an_order_whose_answer_was_lost_is_sent_again_and_stays_one_job(renderer, simulated, tmp_path, fault):
    before, job = await bill(renderer, simulated), a_job(tmp_path)
    simulated.trouble("runware", fault)
    with pytest.raises(OutcomeUnknownError):
        await renderer.submit(job)

    assert await renderer.find(job.token) == task_uuid(job.token)
    assert await renderer.submit(job) == task_uuid(job.token)

    after = await bill(renderer, simulated)
    assert after["jobs_accepted"] - before["jobs_accepted"] == 1


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.SERVER_ERROR])
async def test_an_order_that_never_arrived_is_known_not_to_be_there_once_it_is_sent_again(
    renderer, simulated, tmp_path, fault
):
    before, job = await bill(renderer, simulated), a_job(tmp_path)
    simulated.trouble("runware", fault)
    with pytest.raises(OutcomeUnknownError):
        await renderer.submit(job)

    assert await renderer.find(job.token) is None
    await done(renderer, await renderer.submit(job))

    assert (await bill(renderer, simulated))["jobs_accepted"] - before["jobs_accepted"] == 1


async def test_the_name_of_another_order_is_refused_by_the_provider_itself(renderer, simulated, tmp_path):
    job = a_job(tmp_path)
    name = await renderer.submit(job)

    order = renderer.order(job, renderer.facts.model(MODEL), await renderer._media(job), None)
    twice = await renderer.wire.ask("POST", "/v1", json=order.body)

    assert twice.status == 400
    assert twice.document["errors"] == [
        {
            "code": "conflictTaskUUID", "message": f"A task with the UUID {name} already exists.",
            "parameter": "taskUUID", "taskUUID": name, "taskType": "videoInference",
        },
    ]  # fmt: skip


async def test_a_finished_order_is_found_in_the_record_when_the_poll_has_forgotten_it(
    renderer, simulated, tmp_path, monkeypatch
):
    job = a_job(tmp_path)
    name = await renderer.submit(job)
    await done(renderer, name)
    whole = renderer._ask

    async def forgetful(kind, uuid):
        return await whole(kind, str(uuid4()) if kind == "getResponse" else uuid)

    monkeypatch.setattr(renderer, "_ask", forgetful)

    assert (await renderer.poll(name)).state == "done"
    assert await renderer.find(job.token) == name


async def test_a_name_nobody_knows_counts_as_queued_for_a_while_and_is_not_found(renderer):
    token = uuid4().hex

    assert (await renderer.poll(task_uuid(token))).state == "queued"
    assert await renderer.find(token) is None


async def test_an_order_shows_its_token_so_that_a_delivery_to_a_wrong_address_is_noticed(renderer, tmp_path):
    job = a_job(tmp_path)

    status = await renderer.poll(await renderer.submit(job))

    assert status.token == job.token


async def test_a_stored_file_whose_answer_was_lost_is_stored_under_another_name(renderer, simulated, tmp_path):
    simulated.trouble("runware", Fault.LOST_ANSWER, Operation.UPLOAD)

    assert await renderer.submit(a_job(tmp_path))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("invalidApiKey", ProviderRefusedError),
        ("insufficientCredits", ProviderRefusedError),
        ("unsupportedParameter", ProviderRefusedError),
        ("timeoutProvider", OutcomeUnknownError),
    ],
)
async def test_an_error_in_a_good_answer_is_an_error(renderer, tmp_path, monkeypatch, code, error):
    job = a_job(tmp_path)
    order = renderer.order(job, renderer.facts.model(MODEL), await renderer._media(job), None)
    name = order.body[0]["taskUUID"]
    body = f'{{"errors": [{{"code": "{code}", "message": "no", "taskUUID": "{name}"}}]}}'.encode()

    with pytest.raises(error):
        renderer.accepted(_answer(200, body), order)


async def test_a_provider_that_is_busy_took_nothing(renderer, simulated, tmp_path):
    simulated.trouble("runware", Fault.RATE_LIMITED)

    with pytest.raises(ProviderUnavailableError):
        await renderer.submit(a_job(tmp_path))


def _answer(status, body):
    return Response(status, {}, body)
