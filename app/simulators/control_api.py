"""Control API of the simulators: bill, jobs, deliveries, faults, clock, reset.

The `_` shows: no provider has it.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field

from app.simulators.clock import rfc3339
from app.simulators.context import SimulatorContext
from app.simulators.faults import Fault, Operation, Rule, natural_operation
from app.simulators.invoice import job_line, vendor_bill, whole_bill
from app.simulators.vendor import SimulatedProvider


class FaultRequest(BaseModel):
    """Fault rule to add; without an operation the fault applies at its natural one."""

    model_config = ConfigDict(extra="forbid")

    vendor: str = "*"
    operation: Operation | None = None
    fault: Fault
    times: int = Field(default=1, ge=0)
    after: int = Field(default=0, ge=0)
    accepted: bool | None = None


class Settings(BaseModel):
    """Settings that may change at run time; missing ones stay as they are."""

    model_config = ConfigDict(extra="forbid")

    latency_s: float | None = Field(default=None, ge=0)
    queue_s: float | None = Field(default=None, ge=0)
    private_media: bool | None = None
    private_webhooks: bool | None = None
    blind_s: float | None = Field(default=None, ge=0)
    silence_s: float | None = Field(default=None, gt=0)
    drip_s: float | None = Field(default=None, ge=0)
    oversize_bytes: int | None = Field(default=None, gt=0)
    late_video_s: float | None = Field(default=None, ge=0)


class Advance(BaseModel):
    """Jump of the clock, seconds."""

    seconds: float = Field(ge=0)


class ControlApi:
    """Handlers of `/_admin`."""

    def __init__(self, stage: SimulatorContext, vendors: Mapping[str, SimulatedProvider]) -> None:
        self._stage = stage
        self._vendors = vendors

    def router(self) -> APIRouter:
        """Make the routes."""
        router = APIRouter(prefix="/_admin", tags=["admin"])
        router.add_api_route("/bill", self.bill, methods=["GET"])
        router.add_api_route("/jobs", self.jobs, methods=["GET"])
        router.add_api_route("/webhooks", self.webhooks, methods=["GET"])
        router.add_api_route("/faults", self.faults, methods=["GET"])
        router.add_api_route("/faults", self.add_fault, methods=["POST"])
        router.add_api_route("/faults", self.clear_faults, methods=["DELETE"])
        router.add_api_route("/settings", self.change, methods=["PATCH"])
        router.add_api_route("/secrets", self.secrets, methods=["GET"])
        router.add_api_route("/clock", self.advance, methods=["POST"])
        router.add_api_route("/reset", self.reset, methods=["POST"])
        return router

    async def bill(self, vendor: str | None = None) -> dict[str, Any]:
        """Show the bill of one provider or of all."""
        return whole_bill(self._vendors) if vendor is None else vendor_bill(self._one(vendor))

    async def jobs(self, vendor: str | None = None, limit: Annotated[int, Query(ge=1)] = 1_000) -> dict[str, Any]:
        """List accepted jobs, newest first."""
        chosen = self._vendors.values() if vendor is None else [self._one(vendor)]
        lines = [job_line(one, job) for one in chosen for job in one.jobs.all()]
        lines.sort(key=lambda line: str(line["created_at"]), reverse=True)
        return {"jobs": lines[:limit], "total": len(lines)}

    async def webhooks(self, vendor: str | None = None) -> dict[str, Any]:
        """List all attempted deliveries, oldest first."""
        chosen = self._vendors if vendor is None else {vendor: self._one(vendor)}
        attempts = [
            {
                "vendor": name,
                "url": attempt.url,
                "event_id": attempt.event_id,
                "at": rfc3339(attempt.at),
                "status": attempt.status,
                "fault": attempt.fault,
            }
            for name, one in chosen.items()
            for attempt in one.sender.attempts
        ]
        return {"attempts": attempts}

    async def faults(self) -> dict[str, Any]:
        """List the active rules and how often each was applied."""
        return {"faults": [_told(rule) for rule in self._stage.faults.rules]}

    async def add_fault(self, asked: FaultRequest) -> dict[str, Any]:
        """Add a rule."""
        if asked.vendor != "*":
            self._one(asked.vendor)
        operation = asked.operation or natural_operation(asked.fault)
        rule = Rule(asked.vendor, operation, asked.fault, asked.times, asked.after, asked.accepted)
        self._stage.faults.add(rule)
        return _told(rule)

    async def clear_faults(self) -> dict[str, Any]:
        """Remove all rules."""
        self._stage.faults.clear()
        return await self.faults()

    async def change(self, asked: Settings) -> dict[str, Any]:
        """Change settings; latency and queue apply to jobs accepted from now on."""
        changes = asked.model_dump(exclude_none=True)
        for name, value in changes.items():
            setattr(self._stage, name, value)
        for vendor in self._vendors.values():
            vendor.jobs.latency_s, vendor.jobs.queue_s = self._stage.latency_s, self._stage.queue_s
        return changes

    async def secrets(self) -> dict[str, str]:
        """Show each provider's webhook secret, as an account page does."""
        return {name: vendor.sender.keys.secret for name, vendor in self._vendors.items()}

    async def advance(self, asked: Advance) -> dict[str, str]:
        """Advance the clock."""
        self._stage.clock.advance(asked.seconds)
        return {"now": rfc3339(self._stage.clock.now())}

    async def reset(self) -> dict[str, str]:
        """Reset all accounts: no jobs, no bill, no faults; keys and uploads stay."""
        self._stage.faults.clear()
        for vendor in self._vendors.values():
            await vendor.reset()
        return {"status": "reset"}

    def _one(self, name: str) -> SimulatedProvider:
        if name not in self._vendors:
            raise HTTPException(404, f"Expected one of {sorted(self._vendors)}, got {name!r}.")
        return self._vendors[name]


def _told(rule: Rule) -> dict[str, Any]:
    return {
        "vendor": rule.vendor,
        "operation": rule.operation,
        "fault": rule.fault,
        "times": rule.times,
        "after": rule.after,
        "accepted": rule.lets_through,
        "struck": rule.struck,
    }
