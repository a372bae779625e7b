"""Webhooks over HTTP: refused, kept, repeated."""

from decimal import Decimal

import pytest
from fastapi.testclient import TestClient

from app.errors import AccessError, ProviderUnavailableError
from app.rendering.fakes import FakeRenderer
from app.rendering.ledger.port import RenderRequest
from app.rendering.ledger.states import BeginSubmit, Claim
from app.rendering.ports import HookEvent
from app.rendering.work.webhooks import WebhookReceiver
from app.store.labels import Labels
from app.web.app import create_app
from tests.support.fake_web import FakeContainer
from tests.support.render_world import NOON, RenderWorld

TOKEN = "a1" * 16
URL = f"/v1/hooks/signing/{TOKEN}"


class Signing(FakeRenderer):
    """Takes a delivery whose body is signed by itself."""

    async def verify(self, headers, body, *, now):  # noqa: ARG002 -- the port's
        if headers.get("x-signature") == "keys gone":
            raise ProviderUnavailableError("The keys cannot be had.")
        if headers.get("x-signature") != body.decode(errors="replace"):
            raise AccessError("The signature is not the provider's.")
        return HookEvent(body.decode(), "done", "e1")

    def provider_id(self, request_id):
        return request_id


@pytest.fixture
async def stage(tmp_path):
    """With a render whose answer is awaited."""
    made = RenderWorld(tmp_path)
    render = await made.ledger.want(RenderRequest("a" * 64, "signing", "m", Labels()), now=NOON)
    await made.ledger.apply(render.id, Claim(now=NOON, worker="w", lease_s=60.0))
    await made.ledger.apply(render.id, BeginSubmit(now=NOON, fence=1, token=TOKEN, amount=Decimal(1)))
    return made


@pytest.fixture
def woken():
    return []


@pytest.fixture
def client(stage, woken):
    studio = stage.studio(renderers={"signing": Signing(), "fake": stage.renderer})
    container = FakeContainer(callbacks=WebhookReceiver(studio, lambda: woken.append(1)))
    with TestClient(create_app(container)) as client:
        yield client


def deliver(client, body=b"r1", signature="r1", url=URL):
    return client.post(url, content=body, headers={"x-signature": signature})


async def test_a_true_call_is_kept_and_answered_at_once(client, stage, woken):
    answer = deliver(client)

    assert (answer.status_code, answer.content) == (204, b"")
    assert [hook.request_id for hook in await stage.ledger.hooks(TOKEN)] == ["r1"]
    assert woken == [1]


async def test_a_repeated_call_is_kept_once(client, stage, woken):
    answers = [deliver(client) for _ in range(10)]

    assert {answer.status_code for answer in answers} == {204}
    assert len(await stage.ledger.hooks(TOKEN)) == 1
    assert woken == [1]


async def test_a_forged_call_is_refused_counted_and_not_kept(client, stage, woken):
    answer = deliver(client, signature="r2")

    assert answer.status_code == 401
    assert await stage.ledger.hooks(TOKEN) == ()
    assert woken == []
    assert 'greenroom_webhooks_total{provider="signing",result="refused"} 1.0' in client.get("/metrics").text


def test_every_result_is_told_from_the_start_so_that_the_first_one_is_an_increase(client):
    page = client.get("/metrics").text

    for result in ("kept", "repeated", "astray", "orphan", "refused"):
        assert f'greenroom_webhooks_total{{provider="signing",result="{result}"}} 0.0' in page
    assert 'provider="fake"' not in page


async def test_a_call_that_cannot_be_verified_now_shall_come_again(client, stage):
    assert deliver(client, signature="keys gone").status_code == 503
    assert await stage.ledger.hooks(TOKEN) == ()


@pytest.mark.parametrize("provider", ["fake", "nobody"])
def test_providers_that_do_not_call_back_have_no_address(client, provider):
    assert deliver(client, url=f"/v1/hooks/{provider}/{TOKEN}").status_code == 404


def test_without_renderers_there_is_no_address():
    with TestClient(create_app(FakeContainer())) as client:
        assert deliver(client).status_code == 404


@pytest.mark.parametrize("url", [f"/v1/hooks/signing/{'x' * 65}", "/v1/hooks/signing/short", f"/v1/hooks/UP/{TOKEN}"])
def test_an_address_that_was_never_given_out_is_refused(client, url):
    assert deliver(client, url=url).status_code == 422


def test_a_body_that_is_too_large_is_not_read(client):
    assert deliver(client, body=b"x" * 70_000).status_code == 413


async def test_a_call_about_nobody_s_job_is_taken_and_counted(client, stage):
    answer = deliver(client, url=URL.replace("a1", "b2"))

    assert answer.status_code == 204
    assert [hook.request_id for hook in await stage.ledger.orphans()] == ["r1"]
    assert 'greenroom_webhooks_total{provider="signing",result="orphan"} 1.0' in client.get("/metrics").text


@pytest.mark.parametrize("said", [True, False], ids=["with its length", "in chunks"])
async def test_a_body_that_is_too_large_is_read_and_then_answered(client, stage, said):
    body = bytes(300_000)
    chunks = (body[at : at + 10_000] for at in range(0, len(body), 10_000))

    answer = client.post(URL, content=body if said else chunks, headers={"x-signature": "r1"})

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert await stage.ledger.hooks(TOKEN) == ()
