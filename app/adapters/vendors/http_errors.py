"""HTTP errors of providers, and their meaning for the job and the money."""

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
"""Client errors by number after which the job may exist: answered too late, or answered twice."""
_NOT_NOW = frozenset({425, 429})
_TOO_LARGE = 413


def submit_error(
    provider: str, status: int, reason: str, *, key_name: str = "", retry_after_s: float | None = None
) -> GreenroomError:
    """Return the error for a submit with this status; it is a refusal only if surely nothing was accepted.

    `key_name` is the setting of the key.
    """
    message = f"{provider} answered {status} to a job: {reason or 'nothing more'}"
    if status in _NOT_NOW:
        return ProviderUnavailableError(f"{message}; it is tried again later.", retry_after_s=retry_after_s)
    if status == _TOO_LARGE:
        return LimitExceededError(f"{message}; send something smaller.")
    if status in _UNCLEAR or status not in {*_REDIRECTED, *_REFUSED}:
        return OutcomeUnknownError(f"{message}; it may have accepted it.")
    return _refused(message, status, key_name)


def ask_error(
    provider: str, status: int, reason: str, *, key_name: str = "", retry_after_s: float | None = None
) -> GreenroomError:
    """Return the error for an upload or a status request with this status; neither costs anything."""
    message = f"{provider} answered {status}: {reason or 'nothing more'}"
    if status == _TOO_LARGE:
        return LimitExceededError(f"{message}; send something smaller.")
    if status in _REFUSED and status not in _NOT_NOW | {408}:
        return _refused(message, status, key_name)
    return ProviderUnavailableError(f"{message}; try again.", retry_after_s=retry_after_s)


def words_of(document: Any) -> str:
    """Return the human words in an error body, from any of the usual fields."""
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


def _refused(message: str, status: int, key_name: str) -> ProviderRefusedError:
    return ProviderRefusedError(f"{message}; {_advice(status, key_name)}.", reason=_REASONS.get(status, "input"))


def _advice(status: int, key_name: str) -> str:
    key = f"the API key in {key_name}" if key_name else "the API key"
    known = {
        401: f"check {key}",
        402: "top the account up",
        403: f"check what {key} may do",
        404: "check the model's name and the base URL",
        451: "change the words or the portrait",
    }
    return known.get(status, "it would be refused again")
