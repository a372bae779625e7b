"""Problem responses (`application/problem+json`, RFC 9457): one table from error code to status."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from app.errors import GreenroomError
from app.web.request_ids import HEADER, current_id

STATUS: dict[str, HTTPStatus] = {
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
    "settings_invalid": HTTPStatus.INTERNAL_SERVER_ERROR,
    "schema_newer": HTTPStatus.INTERNAL_SERVER_ERROR,
    "catalog_invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "plan_invalid": HTTPStatus.CONFLICT,
    "not_found": HTTPStatus.NOT_FOUND,
    "intent_not_found": HTTPStatus.NOT_FOUND,
    "turn_not_found": HTTPStatus.NOT_FOUND,
    "session_not_found": HTTPStatus.NOT_FOUND,
    "question_not_found": HTTPStatus.NOT_FOUND,
    "query_invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "render_not_found": HTTPStatus.NOT_FOUND,
    "release_not_found": HTTPStatus.NOT_FOUND,
    "release_conflict": HTTPStatus.CONFLICT,
    "release_stale": HTTPStatus.CONFLICT,
    "clips_missing": HTTPStatus.CONFLICT,
    "review_missing": HTTPStatus.CONFLICT,
    "release_request_invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "draft_not_found": HTTPStatus.NOT_FOUND,
    "form_invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "request_unknown": HTTPStatus.NOT_FOUND,
    "draft_conflict": HTTPStatus.CONFLICT,
    "edit_refused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "edit_conflict": HTTPStatus.CONFLICT,
    "render_state": HTTPStatus.CONFLICT,
    "blob_not_found": HTTPStatus.NOT_FOUND,
    "store_failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    "store_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "digest_invalid": HTTPStatus.BAD_REQUEST,
    "blob_corrupt": HTTPStatus.INTERNAL_SERVER_ERROR,
    "blob_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "credentials_failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    "matching_failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    "encoder_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "rendering_failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    "consent_missing": HTTPStatus.FORBIDDEN,
    "limit_exceeded": HTTPStatus.UNPROCESSABLE_ENTITY,
    "budget_exceeded": HTTPStatus.PAYMENT_REQUIRED,
    "provider_unknown": HTTPStatus.UNPROCESSABLE_ENTITY,
    "provider_refused": HTTPStatus.BAD_GATEWAY,
    "provider_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "provider_busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "outcome_unknown": HTTPStatus.CONFLICT,
    "charged_without_clip": HTTPStatus.CONFLICT,
    "clip_rejected": HTTPStatus.BAD_GATEWAY,
    "lease_lost": HTTPStatus.CONFLICT,
    "portrait_unusable": HTTPStatus.UNPROCESSABLE_ENTITY,
    "media_invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "not_authorised": HTTPStatus.UNAUTHORIZED,
    "origin_not_allowed": HTTPStatus.FORBIDDEN,
    "role_missing": HTTPStatus.FORBIDDEN,
    "conversation_failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    "content_blocked": HTTPStatus.FORBIDDEN,
    "generation_capped": HTTPStatus.TOO_MANY_REQUESTS,
    "state_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "state_full": HTTPStatus.SERVICE_UNAVAILABLE,
    "speech_busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "speech_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "message_invalid": HTTPStatus.BAD_REQUEST,
    "message_unknown": HTTPStatus.BAD_REQUEST,
}
"""Status of each code of `app/errors.py` and `app/author_errors.py`."""

_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 416: "range_not_satisfiable"}


class Problem(BaseModel):
    """Problem of a request. `code` is stable; `detail` is one sentence for people."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    retryable: bool = False
    errors: tuple[dict[str, Any], ...] = ()
    request_id: str = ""


def problem(status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """Make an error response; `more` are further fields of `Problem`."""
    request_id = current_id()
    body = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, code=code, request_id=request_id, **more
    )
    text = body.model_dump_json(exclude_defaults=not body.errors, exclude=None if body.errors else {"errors"})
    tagged = {**(headers or {}), **({HEADER: request_id} if request_id else {})}  # a defect's answer is sent outside
    return Response(text, status, tagged, media_type="application/problem+json")


def install_problems(app: FastAPI) -> None:
    """Answer every error of the app as a problem."""
    app.add_exception_handler(GreenroomError, _greenroom)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _surprise)


async def _greenroom(_: Request, error: Exception) -> Response:
    known = error if isinstance(error, GreenroomError) else GreenroomError()
    details = getattr(known, "details", ())
    return problem(STATUS[known.code], known.code, str(known), retryable=known.retryable, errors=details)


async def _invalid(_: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    errors = tuple({"field": ".".join(str(s) for s in e["loc"]), "message": e["msg"]} for e in found)
    detail = "; ".join(f"`{e['field']}`: {e['message']}" for e in errors)
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, "request_invalid", detail or "The request is not valid.", errors=errors
    )


async def _http(request: Request, error: Exception) -> Response:
    known = error if isinstance(error, HTTPException) else HTTPException(500)
    code = _HTTP_CODES.get(known.status_code, "request_invalid" if known.status_code < 500 else "internal")
    detail = f"{request.method} {request.url.path}: {known.detail}"
    return problem(known.status_code, code, detail, headers=known.headers)


async def _surprise(_: Request, __: Exception) -> Response:
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal",
        "Cannot answer: an error on the server. It is in the server's log.",
    )
