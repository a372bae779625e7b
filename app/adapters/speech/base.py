"""Speech requests: one request, sent once, and its answer or its refusal."""

from collections.abc import Mapping
from typing import Any

from app.adapters.http.client import ProviderHttp
from app.adapters.http.endpoint import Access, Endpoint
from app.adapters.http.response import Response, Timeouts
from app.errors import (
    GreenroomError,
    LimitExceededError,
    OutcomeUnknownError,
    ProviderRefusedError,
    ProviderUnavailableError,
)

_TIMEOUTS = Timeouts(silence_s=120.0, total_s=180.0)
_NOT_NOW = frozenset({408, 409, 425, 429, 503})
_REASONS = {401: "auth", 402: "payment", 403: "auth"}
_NO_MONEY = frozenset(
    {
        "quota_exceeded",
        "insufficient_quota",
        "credit_balance_exhausted",
        "project_spend_limit_exceeded",
        "payment_required",
    }
)
_TOO_LONG = frozenset({"max_character_limit_exceeded", "string_above_max_length"})


def open_wire(home: str, access: Access, headers: Mapping[str, str]) -> ProviderHttp:
    """Return an HTTP client for a speech service; the key is left out of messages."""
    domain = home.removeprefix("https://").partition(".")[2]
    site = Endpoint(home, domains=(domain,), base_url=access.base_url)
    return ProviderHttp(site, headers, secrets=(access.key,), timeouts=_TIMEOUTS)


async def say(
    wire: ProviderHttp, url: str, body: Mapping[str, Any], *, params: Mapping[str, str] | None = None
) -> Response:
    """Request speech and return the answer.

    Raises:
        ProviderRefusedError, LimitExceededError: it would be refused again; nothing is billed.
        ProviderUnavailableError: not now; nothing is billed.
        OutcomeUnknownError: no whole answer came, or a server error: it may be billed.
    """
    answer = await wire.submit(url, body, params=params)
    if answer.ok:
        return answer
    raise _refusal(wire, answer)


def _refusal(wire: ProviderHttp, answer: Response) -> GreenroomError:
    """Return the error of an answer.

    Its own code comes before the status: services report no money as 401 or 429.
    """
    code, words = _reason(answer.document or {})
    message = f"{wire.site.host} answered {answer.status} to a sentence: {wire.clean(words) or wire.shown(answer)}"
    if code in _NO_MONEY:
        return ProviderRefusedError(f"{message}; top the account up.", reason="payment")
    if code in _TOO_LONG or answer.status == 413:
        return LimitExceededError(f"{message}; shorten the words.")
    if answer.status >= 500 and answer.status not in _NOT_NOW:
        return OutcomeUnknownError(f"{message}; it may have been spoken, and billed.")
    if answer.status in _NOT_NOW:
        return ProviderUnavailableError(f"{message}; it is tried again later.", retry_after_s=answer.retry_after_s)
    return ProviderRefusedError(f"{message}; check key, voice and model.", reason=_REASONS.get(answer.status, "input"))


def _reason(document: Mapping[str, Any]) -> tuple[str, str]:
    """Return code and words of an error in ElevenLabs' shape, OpenAI's, or Kokoro's."""
    found = document.get("detail") or document.get("error") or document
    if not isinstance(found, dict):
        return "", str(found)
    code = found.get("status") or found.get("code") or found.get("type") or found.get("error") or ""
    return str(code), str(found.get("message") or found)
