"""What an answer that is not a yes means for the job and the money."""

from typing import Any

from app.errors import (
    GreenroomError,
    LimitExceededError,
    OutcomeUnknownError,
    ProviderRefusedError,
    ProviderUnavailableError,
)

_REASONS = {401: "auth", 402: "payment", 403: "auth", 451: "moderation"}
_REDIRECTED = range(300, 400)
_REFUSED = range(400, 500)
_UNCLEAR = frozenset({303, 408, 409, 499})
"""A client's error by number, but the job may be there: it answered too late, or is answered twice."""
_NOT_NOW = frozenset({425, 429})
_TOO_LARGE = 413


def submit_error(vendor: str, status: int, said: str, *, retry_after_s: float | None = None) -> GreenroomError:
    """The error for a submit answered with this status; only what surely took nothing is called refused."""
    told = f"{vendor} answered {status} to a job: {said or 'nothing more'}"
    if status in _NOT_NOW:
        return ProviderUnavailableError(f"{told}; it is tried again later.", retry_after_s=retry_after_s)
    if status == _TOO_LARGE:
        return LimitExceededError(f"{told}; send something smaller.")
    if status in _UNCLEAR or status not in {*_REDIRECTED, *_REFUSED}:
        return OutcomeUnknownError(f"{told}; it may have taken it.")
    return ProviderRefusedError(f"{told}; {_advice(status)}.", reason=_REASONS.get(status, "input"))


def ask_error(vendor: str, status: int, said: str, *, retry_after_s: float | None = None) -> GreenroomError:
    """The error for an upload or a question answered with this status; nothing is spent by either."""
    told = f"{vendor} answered {status}: {said or 'nothing more'}"
    if status == _TOO_LARGE:
        return LimitExceededError(f"{told}; send something smaller.")
    if status in _REFUSED and status not in _NOT_NOW | {408}:
        return ProviderRefusedError(f"{told}; {_advice(status)}.", reason=_REASONS.get(status, "input"))
    return ProviderUnavailableError(f"{told}; try again.", retry_after_s=retry_after_s)


def words_of(document: Any) -> str:
    """The human words in an error body, whichever of the usual places they stand in."""
    if isinstance(document, str):
        return document
    if isinstance(document, list):
        return "; ".join(filter(None, (words_of(entry) for entry in document)))
    if not isinstance(document, dict):
        return ""
    names = ("error_message", "message", "msg", "description", "detail", "error", "details", "failure_message")
    found = [words_of(document[name]) for name in names if document.get(name)]
    code = next((str(document[name]) for name in ("kind", "error_code", "type", "code") if document.get(name)), "")
    return " ".join(dict.fromkeys(filter(None, [f"[{code}]" if code and found else "", *found])))


def _advice(status: int) -> str:
    known = {
        401: "check the API key",
        402: "top the account up",
        403: "check what the API key may do",
        404: "check the model's name and the base URL",
        451: "change the words or the portrait",
    }
    return known.get(status, "it would be refused again")
