"""Error replies of providers, and the reasons for which their models refuse a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class ReplyBody:
    """Status, JSON body and headers of one reply."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


class ErrorReply(Exception):  # noqa: N818  a provider's refusal is an answer, not a failure of ours
    """Error reply, raised by a handler."""

    def __init__(self, answer: ReplyBody) -> None:
        super().__init__(f"{answer.status} {dict(answer.body)!r}")
        self.answer = answer


class Problem(StrEnum):
    """Defect of a file that a customer sent."""

    MISSING = "missing"
    UNREACHABLE = "unreachable"
    PRIVATE_URL = "private_url"
    WRONG_FORMAT = "wrong_format"
    TOO_LARGE = "too_large"
    TOO_SMALL = "too_small"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"


@dataclass(frozen=True, slots=True)
class MediaProblem:
    """Refused file: the field it came in, and its defect."""

    what: Problem
    field: str
    message: str


class MediaRefusedError(Exception):
    """Refusal of a submitted file."""

    def __init__(self, what: Problem, where: str, message: str) -> None:
        super().__init__(message)
        self.problem = MediaProblem(what, where, message)
