"""Simulated webhook endpoints of HeyGen: each has a secret, shown once, which signs its deliveries."""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.clock import rfc3339
from app.simulators.error_replies import MediaRefusedError
from app.simulators.fault_transport import Endpoint
from app.simulators.request_parsing import json_body, text
from app.simulators.vendor import SimulatedProvider

EVENTS = ("avatar_video.success", "avatar_video.fail", "lipsync.success", "lipsync.fail", "batch.finished")


class HeyGenHooks:
    """Handlers of `/v3/webhooks`."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor
        self._endpoints: dict[str, dict[str, Any]] = {}

    def rows(self) -> list[Endpoint]:
        """Return the routes of the webhooks."""
        root = "/v3/webhooks"
        return [
            Endpoint("POST", f"{root}/endpoints", self.register),
            Endpoint("GET", f"{root}/endpoints", self.listing),
            Endpoint("DELETE", f"{root}/endpoints/{{id}}", self.remove),
            Endpoint("POST", f"{root}/endpoints/{{id}}/rotate-secret", self.rotate),
            Endpoint("GET", f"{root}/event-types", self.kinds),
            Endpoint("GET", f"{root}/events", self.past),
        ]

    def secret_for(self, url: str | None) -> str | None:
        """Return the newest endpoint's secret; None, and so no signature, while none is registered.

        Whether HeyGen signs deliveries to a bare `callback_url` is not known; with an endpoint on the account
        this one does.
        """
        exact = [one for one in self._endpoints.values() if one["url"] == url]
        chosen = exact or list(self._endpoints.values())
        return str(chosen[-1]["secret"]) if chosen else None

    def registered(self) -> str | None:
        """Return the address of events without a `callback_url`."""
        return next((str(one["url"]) for one in reversed(self._endpoints.values())), None)

    async def register(self, request: Request) -> Response:
        """`POST /v3/webhooks/endpoints` {url, events?, entity_id?}."""
        self._check(request)
        body = await json_body(request, self._vendor)
        url = text(body, "url")
        if url is None:
            raise self._vendor.refuse(400, "url is required")
        try:
            self._vendor.check_webhook(url)
        except MediaRefusedError as error:
            raise self._vendor.refuse(400, str(error)) from error
        fresh = {"endpoint_id": self._vendor.stage.new_id(), "url": url, "status": "enabled"}
        endpoint: dict[str, Any] = {**fresh, "events": body.get("events") or list(EVENTS), "secret": _secret()}
        self._endpoints[endpoint["endpoint_id"]] = endpoint
        return JSONResponse({"data": endpoint})

    async def listing(self, request: Request) -> Response:
        """`GET /v3/webhooks/endpoints`, without the secrets."""
        self._check(request)
        return JSONResponse({"data": [_without_secret(one) for one in self._endpoints.values()]})

    async def remove(self, request: Request) -> Response:
        """`DELETE /v3/webhooks/endpoints/{id}`."""
        endpoint = self._endpoint(request)
        del self._endpoints[endpoint["endpoint_id"]]
        return JSONResponse({"data": _without_secret(endpoint)})

    async def rotate(self, request: Request) -> Response:
        """`POST .../rotate-secret`: the new one, shown once."""
        endpoint = self._endpoint(request)
        endpoint["secret"] = _secret()
        return JSONResponse({"data": endpoint})

    async def kinds(self, request: Request) -> Response:
        """`GET /v3/webhooks/event-types`."""
        self._check(request)
        return JSONResponse({"data": [{"event_type": name} for name in EVENTS]})

    async def past(self, request: Request) -> Response:
        """`GET /v3/webhooks/events`: the deliveries."""
        self._check(request)
        made = self._vendor.sender.attempts
        rows = [
            {"event_id": one.event_id, "url": one.url, "status": one.status, "created_at": rfc3339(one.at)}
            for one in made
        ]
        return JSONResponse({"data": rows})

    def _check(self, request: Request) -> None:
        self._vendor.check_key(request.headers.get("x-api-key"))

    def _endpoint(self, request: Request) -> dict[str, Any]:
        self._check(request)
        endpoint = self._endpoints.get(request.path_params["id"])
        if endpoint is None:
            raise self._vendor.refuse(404, "Webhook endpoint not found")
        return endpoint


def _secret() -> str:
    return f"whsec_{secrets.token_hex(24)}"


def _without_secret(endpoint: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in endpoint.items() if name != "secret"}
