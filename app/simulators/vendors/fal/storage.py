"""Simulated storage of fal: rest.fal.ai issues tokens and addresses, v3.fal.media has the bytes."""

import hashlib
import secrets
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.fault_transport import Endpoint
from app.simulators.faults import Operation
from app.simulators.request_parsing import bearer, json_body, text
from app.simulators.vendor import SimulatedProvider

_TOKEN_S = 3_600
_BINARY = "application/octet-stream"


class FalStorage:
    """Storage: tokens, single uploads, uploads in parts, and the older way by address."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor
        self._tokens: set[str] = set()
        self._parts: dict[str, dict[int, bytes]] = {}
        self._types: dict[str, str] = {}

    def rows(self) -> list[Endpoint]:
        """Return the routes of the storage hosts."""
        part = "/files/{id}/{name}/multipart/{upload}"
        table = [
            ("POST", "/storage/auth/token", self.token),
            ("POST", "/storage/upload/initiate", self.initiate),
            ("PUT", "/files/{id}/{name}", self.put),
            ("POST", "/files/upload", self.upload),
            ("POST", "/files/upload/multipart", self.begin),
            ("PUT", f"{part}/{{number:int}}", self.part),
            ("POST", f"{part}/complete", self.complete),
        ]
        return [Endpoint(method, path, handler, Operation.UPLOAD) for method, path, handler in table]

    async def token(self, request: Request) -> Response:
        """`POST /storage/auth/token?storage_type=fal-cdn-v3`."""
        self._vendor.check_key(bearer(request, "Key"))
        token = secrets.token_urlsafe(24)
        self._tokens.add(token)
        expires = datetime.fromtimestamp(self._vendor.clock.now() + _TOKEN_S, UTC).isoformat()
        base = self._vendor.base(request)
        return JSONResponse({"token": token, "token_type": "Bearer", "base_url": base, "expires_at": expires})

    async def initiate(self, request: Request) -> Response:
        """`POST /storage/upload/initiate`: an address to PUT to and the one to read from, here the same."""
        self._vendor.check_key(bearer(request, "Key"))
        body = await json_body(request, self._vendor)
        url = self._address(request, text(body, "file_name") or "upload.bin")
        return JSONResponse({"upload_url": url, "file_url": url})

    async def put(self, request: Request) -> Response:
        """`PUT` to the issued address."""
        name = f"{request.path_params['id']}/{request.path_params['name']}"
        await self._keep(request, name)
        return Response(status_code=200)

    async def upload(self, request: Request) -> Response:
        """`POST /files/upload`: raw bytes."""
        self._check(request)
        url = self._address(request, request.headers.get("x-fal-file-name", "upload.bin"))
        await self._keep(request, url.split("/files/", 1)[1])
        return JSONResponse({"access_url": url})

    async def begin(self, request: Request) -> Response:
        """`POST /files/upload/multipart`."""
        self._check(request)
        url, upload = self._address(request, request.headers.get("x-fal-file-name", "upload.bin")), secrets.token_hex(8)
        self._parts[upload] = {}
        self._types[upload] = request.headers.get("content-type", _BINARY)
        return JSONResponse({"access_url": url, "uploadId": upload})

    async def part(self, request: Request) -> Response:
        """`PUT {access_url}/multipart/{uploadId}/{n}`."""
        self._check(request)
        content = await request.body()
        self._open(request)[request.path_params["number"]] = content
        return Response(headers={"ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'})

    async def complete(self, request: Request) -> Response:
        """`POST {access_url}/multipart/{uploadId}/complete`."""
        self._check(request)
        parts = self._open(request)
        params = request.path_params
        content = b"".join(parts[number] for number in sorted(parts))
        name = f"{params['id']}/{params['name']}"
        await self._vendor.stage.storage.put(name, content, self._types.pop(params["upload"], _BINARY))
        self._parts.pop(params["upload"], None)
        return JSONResponse({})

    def _open(self, request: Request) -> dict[int, bytes]:
        parts = self._parts.get(request.path_params["upload"])
        if parts is None:
            raise self._vendor.refuse(404, "Upload not found")
        return parts

    def _check(self, request: Request) -> None:
        if bearer(request) not in self._tokens:
            raise self._vendor.refuse(401, "Invalid upload token")

    def _address(self, request: Request, name: str) -> str:
        return f"{self._vendor.base(request)}/files/{self._vendor.stage.new_id()}/{name.rsplit('/', 1)[-1]}"

    async def _keep(self, request: Request, name: str) -> None:
        kind = request.headers.get("content-type", _BINARY)
        await self._vendor.stage.storage.put(name, await request.body(), kind)
