"""Access to the HTTP routes: caller, role, and audit rows of changes with a key and of refused ones."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn

import structlog
from fastapi import Request

from app.audit import SYSTEM, Act, AuditLog
from app.errors import AccessError, RoleError
from app.runtime.settings.api_keys import ONE_KEY, ApiKey, KeyRole, find_key
from app.runtime.settings.site import WebSettings
from app.web.middleware.client_address import is_this_computer

log = structlog.get_logger()

READS = {"/v1/match", "/studio/intents/{intent_id}/check"}
"""Routes whose POST changes nothing."""

ROW_EVERY = timedelta(minutes=1)
"""Shortest interval of rows about one caller's refusals: nobody can fill a log that is never shortened."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Caller of a route; `key` is None for this computer in development, which has all roles."""

    key: ApiKey | None

    @property
    def role(self) -> KeyRole:
        """Role of the caller."""
        return self.key.role if self.key else KeyRole.OPERATOR

    @property
    def actor(self) -> str:
        """Name of the caller in the audit log."""
        if self.key is None:
            return f"this computer ({self.role})"
        return f"{ONE_KEY} ({self.role})" if self.key.name == ONE_KEY else f"key {self.key.name} ({self.role})"


@dataclass
class KeyWatch:
    """Access check that writes audit rows; they contain neither the key nor the caller's address."""

    audit: AuditLog
    clock: Callable[[], datetime]
    _refused: dict[str, int] = field(default_factory=dict)
    _row_at: dict[str, datetime] = field(default_factory=dict)

    async def admit(self, request: Request, settings: WebSettings, needed: KeyRole) -> Caller:
        """Admit a caller with the role.

        The audit row is written before the change: without it there is no change.

        Raises:
            AccessError: there is no key, or a wrong one.
            RoleError: the key's role is too low.
        """
        caller = _caller(request, settings)
        if caller is None:
            return await self.refuse(request, SYSTEM, _access_error())
        await self.hold_to(request, caller, needed)
        if caller.key and changes(request):
            await self.record_use(request, caller)
        return caller

    async def hold_to(self, request: Request, caller: Caller, needed: KeyRole) -> None:
        """Check the role of a caller who is known.

        Raises:
            RoleError: it is too low.
        """
        if not caller.role.may(needed):
            await self.refuse(request, caller.actor, _role_error(caller, needed))

    async def record_use(self, request: Request, caller: Caller) -> None:
        """Write the row of a change; without it there is no change."""
        await self.audit.append(Act(self.clock(), caller.actor, "key.used", _route(request)))

    async def refuse(self, request: Request, actor: str, refusal: AccessError) -> NoReturn:
        """Raise the refusal, even if the audit row of the attempted change cannot be written."""
        if changes(request):
            await self._record(request, actor, refusal)
        raise refusal

    async def _record(self, request: Request, actor: str, refusal: AccessError) -> None:
        self._refused[actor] = self._refused.get(actor, 0) + 1
        now, row_at = self.clock(), self._row_at.get(actor)
        if row_at is not None and now - row_at < ROW_EVERY:
            return
        self._row_at[actor] = now
        try:
            details = {"times": self._refused.pop(actor)}
            await self.audit.append(Act(now, actor, "key.refused", _route(request), details))
        except Exception as error:  # whatever ails the audit log, a refusal stays a refusal
            log.warning("audit.failed", error=type(error).__name__)
            raise refusal from error


def _access_error() -> AccessError:
    return AccessError("This route needs an API key in the `X-API-Key` header.")


def _role_error(caller: Caller, needed: KeyRole) -> RoleError:
    return RoleError(f"This route needs a key with the role `{needed}` or above; this one's is `{caller.role}`.")


def _caller(request: Request, settings: WebSettings) -> Caller | None:
    shown = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
    if shown:
        key = find_key(settings.keys, shown)
        return Caller(key) if key else None
    return Caller(None) if settings.environment == "development" and is_this_computer(request) else None


def changes(request: Request) -> bool:
    """Return whether a request is one that changes something."""
    return request.method not in {"GET", "HEAD"} and request.scope["route"].path not in READS


def _route(request: Request) -> str:
    return f"{request.method} {request.scope['route'].path}"
