"""Simulated media library of Sync.so: an address to PUT to, then the asset is registered."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.clock import rfc3339
from app.simulators.fault_transport import Endpoint
from app.simulators.faults import Operation
from app.simulators.request_parsing import json_body, text
from app.simulators.vendor import SimulatedProvider

_MOST_BYTES = 5 * 1024**3
_URL_S = 3_600


class SyncAssets:
    """Handlers of `/v2/assets`."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor
        self._assets: dict[str, dict[str, Any]] = {}

    def rows(self) -> list[Endpoint]:
        """Return the routes of the library."""
        return [
            Endpoint("POST", "/v2/assets/upload", self.ticket, Operation.UPLOAD),
            Endpoint("POST", "/v2/assets", self.register, Operation.UPLOAD),
            Endpoint("GET", "/v2/assets", self.listing),
            Endpoint("GET", "/v2/assets/{id}", self.show),
            Endpoint("PUT", "/files/{name:path}", self.put, Operation.UPLOAD),
        ]

    def check(self, request: Request) -> None:
        """Check the header `x-api-key`.

        Raises:
            ErrorReply: 401.
        """
        self._vendor.check_key(request.headers.get("x-api-key"))

    def url(self, item: Mapping[str, Any], base: str) -> str:
        """Return the address of an input's bytes: its url, or its asset's.

        Raises:
            ErrorReply: 400, if it has neither or the asset is unknown.
        """
        if (given := text(item, "url")) is not None:
            return given
        asset = self._assets.get(text(item, "assetId") or "")
        if asset is None:
            raise self._vendor.refuse(
                400, f"Either url or a known assetId is required for {item.get('type')!r} at {base}"
            )
        return str(asset["url"])

    async def keep(self, request: Request, part: UploadFile) -> str:
        """Store a file of a multipart submit."""
        place = f"{self._vendor.stage.new_id()}/{part.filename or 'upload'}"
        kind = part.content_type or "application/octet-stream"
        await self._vendor.stage.storage.put(place, await part.read(), kind)
        return f"{self._vendor.base(request)}/files/{place}"

    async def ticket(self, request: Request) -> Response:
        """`POST /v2/assets/upload` {fileName, contentType, size}."""
        self.check(request)
        body = await json_body(request, self._vendor)
        name, size = text(body, "fileName"), body.get("size")
        if name is None or text(body, "contentType") is None or not isinstance(size, int):
            raise self._vendor.refuse(400, "fileName, contentType and size are required")
        if size > _MOST_BYTES:
            raise self._vendor.refuse(413, "Assets may have at most 5 GiB")
        url = f"{self._vendor.base(request)}/files/{self._vendor.stage.new_id()}/{name.rsplit('/', 1)[-1]}"
        expires = rfc3339(self._vendor.clock.now() + _URL_S)
        return JSONResponse({"uploadUrl": url, "url": url, "expiresAt": expires}, 201)

    async def put(self, request: Request) -> Response:
        """`PUT` to the address of the ticket; it needs no key."""
        kind = request.headers.get("content-type", "application/octet-stream")
        await self._vendor.stage.storage.put(request.path_params["name"], await request.body(), kind)
        return Response(status_code=200)

    async def register(self, request: Request) -> Response:
        """`POST /v2/assets` {url, type?, name?}."""
        self.check(request)
        body = await json_body(request, self._vendor)
        url = text(body, "url")
        if url is None:
            raise self._vendor.refuse(400, "url is required")
        now = rfc3339(self._vendor.clock.now())
        asset = {
            "id": self._vendor.stage.new_id(),
            "createdAt": now,
            "updatedAt": now,
            "name": text(body, "name") or url.rsplit("/", 1)[-1],
            "url": url,
            "type": (text(body, "type") or "VIDEO").upper(),
            "inputType": "UPLOAD",
            "visibility": "USER",
        }
        self._assets[asset["id"]] = asset
        return JSONResponse(asset, 201)

    async def listing(self, request: Request) -> Response:
        """`GET /v2/assets`."""
        self.check(request)
        return JSONResponse({"items": list(self._assets.values()), "nextCursor": None, "totalCount": len(self._assets)})

    async def show(self, request: Request) -> Response:
        """`GET /v2/assets/{id}`."""
        self.check(request)
        asset = self._assets.get(request.path_params["id"])
        if asset is None:
            raise self._vendor.refuse(404, "Asset not found")
        return JSONResponse(asset)
