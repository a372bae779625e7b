"""Simulated assets of HeyGen: small ones as a form, large ones by address.

Videos refer to the ids of both.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.digest import digest_bytes
from app.simulators.fault_transport import Endpoint
from app.simulators.faults import Operation
from app.simulators.idempotency import IdempotencyKeys, KeyHabit
from app.simulators.request_parsing import form_file, json_body, text
from app.simulators.vendor import SimulatedProvider

_MB = 1024 * 1024
_FORM_CAP = 32 * _MB
_DIRECT_CAP = 100 * _MB
_URL_S = 3_600
_TYPES = {
    "image/png",
    "image/jpeg",
    "video/mp4",
    "video/webm",
    "audio/mpeg",
    "audio/mp3",
    "audio/wav",
    "audio/x-wav",
    "audio/wave",
    "application/pdf",
    "application/x-subrip",
}


class HeyGenAssets:
    """Handlers of `/v3/assets`."""

    def __init__(self, vendor: SimulatedProvider, keys: KeyHabit) -> None:
        self._vendor = vendor
        self._assets: dict[str, dict[str, Any]] = {}
        self._keys = IdempotencyKeys(keys, vendor.clock)
        vendor.forgetting.append(self._keys.forget)

    def rows(self) -> list[Endpoint]:
        """Return the routes of the assets."""
        return [
            Endpoint("POST", "/v3/assets", self.upload, Operation.UPLOAD),
            Endpoint("POST", "/v3/assets/direct-uploads", self.ticket, Operation.UPLOAD),
            Endpoint("POST", "/v3/assets/{id}/complete", self.complete, Operation.UPLOAD),
            Endpoint("PUT", "/files/{name:path}", self.put, Operation.UPLOAD),
        ]

    def check(self, request: Request) -> None:
        """Check the header `X-Api-Key`.

        Raises:
            ErrorReply: 401.
        """
        self._vendor.check_key(request.headers.get("x-api-key"))

    def url(self, asset_id: str) -> str | None:
        """Return the address of a finished asset's bytes."""
        asset = self._assets.get(asset_id)
        return str(asset["url"]) if asset is not None and asset["complete"] else None

    async def upload(self, request: Request) -> Response:
        """`POST /v3/assets`: multipart, field `file`, 32 MB."""
        self.check(request)
        name, content, kind = await form_file(request, self._vendor, "file")
        self._judge(kind, len(content), _FORM_CAP)

        async def stored() -> Response:
            asset = self._new(request, name, kind, len(content), complete=True)
            await self._vendor.stage.storage.put(asset["place"], content, kind)
            return JSONResponse({"data": _shown(asset)})

        sent = {"kind": kind, "digest": digest_bytes(content)}
        return await self._keys.once(request.headers.get("idempotency-key"), sent, stored)

    async def ticket(self, request: Request) -> Response:
        """`POST /v3/assets/direct-uploads` {filename, content_type, size_bytes}."""
        self.check(request)
        body = await json_body(request, self._vendor)
        name, kind, size = text(body, "filename"), text(body, "content_type"), body.get("size_bytes")
        if name is None or kind is None or not isinstance(size, int):
            raise self._vendor.refuse(400, "filename, content_type and size_bytes are required")
        self._judge(kind, size, _DIRECT_CAP)
        asset = self._new(request, name, kind, size, complete=False)
        data = {
            "asset_id": asset["asset_id"],
            "upload_url": asset["url"],
            "upload_headers": {"Content-Type": kind},
            "expires_in_seconds": _URL_S,
            "max_bytes": _DIRECT_CAP,
        }
        return JSONResponse({"data": data})

    async def put(self, request: Request) -> Response:
        """`PUT` to the address of the ticket; it needs no key."""
        kind = request.headers.get("content-type", "application/octet-stream")
        await self._vendor.stage.storage.put(request.path_params["name"], await request.body(), kind)
        return Response(status_code=200)

    async def complete(self, request: Request) -> Response:
        """`POST /v3/assets/{id}/complete`."""
        self.check(request)
        asset = self._assets.get(request.path_params["id"])
        if asset is None:
            raise self._vendor.refuse(404, "Asset not found")
        stored = self._vendor.stage.storage.get(asset["place"])
        if stored is None or stored.size_bytes != asset["size_bytes"]:
            raise self._vendor.refuse(400, "The upload is missing or has another size")
        asset["complete"] = True
        return JSONResponse({"data": _shown(asset)})

    def _judge(self, kind: str, size: int, most: int) -> None:
        if kind not in _TYPES:
            raise self._vendor.refuse(400, f"Unsupported file type {kind}")
        if size > most:
            raise self._vendor.refuse(400, f"The file is larger than {most // _MB} MB")

    def _new(self, request: Request, name: str, kind: str, size: int, *, complete: bool) -> dict[str, Any]:
        asset_id = self._vendor.stage.new_id().replace("-", "")
        place = f"{asset_id}/{name.rsplit('/', 1)[-1]}"
        url = f"{self._vendor.base(request)}/files/{place}"
        asset: dict[str, Any] = {"asset_id": asset_id, "url": url, "mime_type": kind, "size_bytes": size}
        self._assets[asset_id] = {**asset, "place": place, "complete": complete}
        return self._assets[asset_id]


def _shown(asset: dict[str, Any]) -> dict[str, Any]:
    return {name: asset[name] for name in ("asset_id", "url", "mime_type", "size_bytes")}
