"""Meter of paid calls: reserves before a call goes out, and books what becomes of it."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from app.errors import LimitExceededError, ProviderRefusedError, ProviderUnavailableError
from app.rendering.ledger.calls import PaidCalls
from app.rendering.ledger.port import Cap
from app.rendering.tariffs import Tariff, Usage

NOT_BILLED = (ProviderRefusedError, LimitExceededError, ProviderUnavailableError)
"""Errors after which nothing is billed: the call was refused, or never sent."""


@dataclass
class Bill:
    """Bill of one call, while it is under way."""

    used: Usage | None = None
    """Use that the provider counts; without one the whole estimate is booked."""
    refused: bool = False
    """The provider refused it, and bills nothing."""


@dataclass(frozen=True, slots=True)
class CallMeter:
    """Meter of paid calls over their ledger."""

    calls: PaidCalls
    clock: Callable[[], datetime]

    @asynccontextmanager
    async def metered(
        self, tariff: Tariff, most: Usage, *, caps: Collection[Cap], intent: str = ""
    ) -> AsyncIterator[Bill]:
        """Reserve the greatest price of a call, let it happen, and book it by the bill that is filled in meanwhile.

        A call that ends in any other error than a refusal counts as charged; one whose process dies stays reserved.

        Raises:
            BudgetExceededError: there is no money for it; it must not be made.
        """
        call_id = await self.calls.reserve(tariff.call(most, intent=intent), caps=caps, now=self.clock())
        bill = Bill()
        try:
            yield bill
        except NOT_BILLED:
            await self.calls.release(call_id, now=self.clock())
            raise
        except BaseException:  # also when stopped: the call may be billed
            await self._close(call_id, tariff, bill)
            raise
        await self._close(call_id, tariff, bill)

    async def _close(self, call_id: str, tariff: Tariff, bill: Bill) -> None:
        if bill.refused:
            await self.calls.release(call_id, now=self.clock())
        elif bill.used is None:
            await self.calls.lose(call_id, now=self.clock())
        else:
            await self.calls.settle(call_id, tariff.price(bill.used), bill.used, now=self.clock())


@dataclass(frozen=True, slots=True)
class CallAccount:
    """Account that a visitor's calls of one kind are booked on: tariff, meter, and the caps of a session and day."""

    tariff: Tariff
    meter: CallMeter
    caps: Callable[[str | None], Collection[Cap]]

    def metered(self, most: Usage, *, session: str | None, intent: str = "") -> AbstractAsyncContextManager[Bill]:
        """Meter one call for this session; `intent` says what it is for, if that is known."""
        return self.meter.metered(self.tariff, most, caps=self.caps(session), intent=intent)
