"""What is left of an account: asked of the simulators as of the providers, and told as a figure."""

import pytest
import stamina
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.adapters.http.endpoint import Access
from app.adapters.vendors.balances import balance_at
from app.adapters.vendors.registry import VENDORS, open_vendors
from app.errors import ProviderRefusedError
from app.rendering.balances import BalanceSource
from app.runtime.serving.balance_metrics import BalanceMetrics
from app.runtime.wiring.providers import KeylessRenderer
from tests.support.simulated import served, simulators

TELL = {"fal": "usd", "wavespeed": "usd", "atlascloud": "usd", "heygen": "usd", "did": "credits"}


@pytest.fixture
def quick_retries():
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)


def opened(url: str, *, prefix: bool = True, key: str = "key:secret"):
    return open_vendors({name: Access(key, base_url=f"{url}/{name}" if prefix else url) for name in VENDORS})


def test_only_these_providers_are_asked():
    renderers = opened("http://localhost:1")

    assert {name for name, renderer in renderers.items() if isinstance(renderer, BalanceSource)} == set(TELL)
    assert not isinstance(KeylessRenderer(renderers["did"], "DID_API_KEY"), BalanceSource)


async def test_each_of_them_tells_what_is_left():
    registry = CollectorRegistry()
    with simulators() as running:
        renderers = opened(running.url)
        await BalanceMetrics(registry, renderers).read()
        for renderer in renderers.values():
            await renderer.aclose()

    for provider, unit in TELL.items():
        assert registry.get_sample_value(f"greenroom_provider_balance_{unit}", {"provider": provider}) in {100, 1000}
        assert registry.get_sample_value("greenroom_provider_balance_known", {"provider": provider}) == 1


async def test_a_balance_that_is_not_told_any_more_is_no_figure(quick_retries, capsys):
    statuses = iter([200, 403, 403, 500, 200])

    async def answer(_: Request) -> JSONResponse:
        return JSONResponse({"remaining": 7, "total": 10}, next(statuses))

    registry, told = CollectorRegistry(), []
    with served(Starlette(routes=[Route("/credits", answer)])) as url:
        did = opened(url, prefix=False)["did"]
        figures = BalanceMetrics(registry, {"did": did})
        for _ in range(5):
            await figures.read()
            told.append(
                tuple(
                    registry.get_sample_value(f"greenroom_provider_balance_{name}", {"provider": "did"})
                    for name in ("credits", "known")
                )
            )
        await did.aclose()

    assert told == [(7, 1), (None, 0), (None, 0), (None, 0), (7, 1)]
    assert capsys.readouterr().out.count("balance.unknown") == 1


@pytest.mark.parametrize("found", [None, True, "much", [], {}, "NaN", float("inf")])
def test_what_is_no_amount_is_refused(found):
    with pytest.raises(ProviderRefusedError, match="Expected a balance"):
        balance_at("Any", {"data": {"balance": found}}, "data", "balance")


def test_another_currency_is_refused():
    with pytest.raises(ProviderRefusedError, match="US dollars"):
        balance_at("Any", {"wallet": {"left": 5, "currency": "eur"}}, "wallet", "left", currency="currency")
