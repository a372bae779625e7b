"""Webhook sender: signs and retries as the provider does, with faults on request."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.simulators import signing
from app.simulators.clock import Clock
from app.simulators.faults import HOOK, Fault, Rule
from app.simulators.http_client import Outbound

_LATE_S = 7_200.0
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class RetryHabit:
    """Retries of a provider: its timeout and the delays of further attempts.

    An empty `delays_s` means one attempt.
    """

    timeout_s: float
    delays_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Webhook event: its address and body. `others` is the body of another job's event."""

    url: str
    event_id: str
    body: Mapping[str, Any]
    kind: str = ""
    own_secret: str | None = None
    other: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SendAttempt:
    """Attempt to send: one POST."""

    url: str
    event_id: str
    at: float
    status: int | None
    fault: Fault | None


@dataclass(slots=True)
class WebhookSender:
    """Webhook sender of one provider."""

    scheme: signing.Scheme
    habit: RetryHabit
    clock: Clock
    outbound: Outbound
    keys: signing.Keys = field(default_factory=signing.Keys)
    attempts: list[SendAttempt] = field(default_factory=list)

    async def deliver(self, event: Event, rule: Rule | None = None) -> None:
        """Deliver an event, with the fault of the rule."""
        fault = rule.fault if rule is not None and rule.fault in HOOK else None
        if fault is Fault.LOST:
            return
        if fault is Fault.LATE:
            await self.clock.until(self.clock.now() + _LATE_S)
        if fault is Fault.KEYS_ROTATED:
            self.keys.rotate()
        for _ in range(10 if fault is Fault.TENFOLD else 1):
            await self._insist(event, fault)

    async def _insist(self, event: Event, fault: Fault | None) -> None:
        """Try until a 2xx comes or no attempts are left."""
        for delay_s in (0.0, *self.habit.delays_s):
            await self.clock.until(self.clock.now() + delay_s)
            body, headers = self._sealed(event, fault)
            answered = await self._post(event, body, headers, fault)
            if fault is Fault.REPLAYED:
                await self._post(event, body, headers, fault)
            if answered:
                return

    async def _post(self, event: Event, body: bytes, headers: Mapping[str, str], fault: Fault | None) -> bool:
        status = await self.outbound.post(event.url, body, headers, timeout_s=self.habit.timeout_s)
        self.attempts.append(SendAttempt(event.url, event.event_id, self.clock.now(), status, fault))
        return status in _OK if status is not None else False

    def _sealed(self, event: Event, fault: Fault | None) -> tuple[bytes, Mapping[str, str]]:
        said = event.other if fault is Fault.SWAPPED and event.other is not None else event.body
        body = json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()
        at = int(self.clock.now() - (_LATE_S if fault is Fault.STALE else 0))
        keys = signing.forger() if fault is Fault.FORGED else self.keys
        delivery = signing.Delivery(body, event.event_id, at, event.own_secret, event.kind)
        return body, {"Content-Type": "application/json", **self.scheme(delivery, keys)}


async def settle(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel all running deliveries and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
