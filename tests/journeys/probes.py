"""What the journeys share: HTTP without a library, messages by kind."""

import urllib.error
import urllib.request

Answer = tuple[int, dict[str, str], bytes]


def fetch(url: str, method: str = "GET", data: bytes | None = None, **headers: str) -> Answer:
    """Status, headers in lower case, body."""
    request = urllib.request.Request(url, method=method, data=data, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


def kinds(messages: list[dict]) -> list[str]:
    return [message["type"] for message in messages]


def of(messages: list[dict], kind: str) -> list[dict]:
    return [message for message in messages if message["type"] == kind]
