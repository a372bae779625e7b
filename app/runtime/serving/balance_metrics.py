"""Metrics of our accounts at providers: what is left, where a provider can be asked."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import NoReturn

import structlog
from prometheus_client import CollectorRegistry, Gauge

from app.errors import GreenroomError
from app.rendering.balances import BalanceSource
from app.rendering.ports import Renderer

log = structlog.get_logger()

EVERY_S = 600.0
"""Interval of asking: a balance changes by jobs that take minutes, and providers count requests."""


class BalanceMetrics:
    """Metrics of balances; a balance that is not known now has no series, and `_known` says so."""

    def __init__(self, registry: CollectorRegistry, renderers: Mapping[str, Renderer]) -> None:
        """Register the metrics; a registry takes them once."""
        self._sources = {name: one for name, one in renderers.items() if isinstance(one, BalanceSource)}
        self._left = {
            unit: Gauge(f"greenroom_provider_balance_{unit}", what, ["provider"], registry=registry)
            for unit, what in (
                ("usd", "What is left of an account at a provider, in US dollars."),
                ("credits", "What is left of an account at a provider that counts credits."),
            )
        }
        self._known = Gauge(
            "greenroom_provider_balance_known", "1 while the balance is known.", ["provider"], registry=registry
        )
        self._failing: set[str] = set()

    async def keep(self, *, sleep: Callable[[float], Awaitable[None]]) -> NoReturn:
        """Ask regularly until cancelled."""
        while True:
            await self.read()
            await sleep(EVERY_S)

    async def read(self) -> None:
        """Ask every provider once."""
        await asyncio.gather(*(self._ask(name, source) for name, source in self._sources.items()))

    async def _ask(self, provider: str, source: BalanceSource) -> None:
        try:
            balance = await source.balance()
        except GreenroomError as error:
            for gauge in self._left.values():
                gauge.remove(provider)
            self._known.labels(provider).set(0)
            if provider not in self._failing:
                log.warning("balance.unknown", provider=provider, code=error.code, error=str(error)[:200])
            self._failing.add(provider)
            return
        self._failing.discard(provider)
        self._left[balance.unit].labels(provider).set(float(balance.amount))
        self._known.labels(provider).set(1)
