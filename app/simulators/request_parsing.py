"""Request parsing of a provider: headers, JSON, forms."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from app.simulators.vendor import SimulatedProvider

_LONG = 2_048


def bearer(request: Request, scheme: str = "Bearer") -> str | None:
    """Return the credentials after the scheme in Authorization."""
    found, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if found.lower() == scheme.lower() and key.strip() else None


async def json_body(request: Request, vendor: SimulatedProvider, *, status: int = 400) -> dict[str, Any]:
    """Read the body as an object; an empty body is an empty object.

    Raises:
        ErrorReply: `status`, if it is not JSON or not an object.
    """
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        raise vendor.refuse(status, "The request body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise vendor.refuse(status, "The request body must be a JSON object.")
    return body


async def form_file(request: Request, vendor: SimulatedProvider, field: str) -> tuple[str, bytes, str]:
    """Read name, bytes and type of one file of a multipart form.

    Raises:
        ErrorReply: 400, if the field is missing.
    """
    async with request.form() as form:
        part = form.get(field)
        if not isinstance(part, UploadFile):
            raise vendor.refuse(400, f"The multipart field {field!r} is required.")
        return part.filename or field, await part.read(), part.content_type or "application/octet-stream"


def text(body: Mapping[str, Any], name: str) -> str | None:
    """Return a field's text; None if it is missing, empty or of another type."""
    value = body.get(name)
    return value if isinstance(value, str) and value else None


def shortened(body: Mapping[str, Any]) -> dict[str, Any]:
    """Shorten a body for storage: long data URIs are cut, or ten thousand jobs would fill the memory."""
    return {name: _short(value) for name, value in body.items()}


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return shortened(value)
    if isinstance(value, list):
        return [_short(item) for item in value]
    if isinstance(value, str) and len(value) > _LONG and value.startswith("data:"):
        return f"{value[:64]}...({len(value)} characters)"
    return value
