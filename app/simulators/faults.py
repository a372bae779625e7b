"""Faults on request: which fault, where, how often.

A rule names a provider (or `*`), an operation and a fault; it lets `after` matching requests pass and then
applies `times` times (0: for ever). A request can also name a fault in the header `X-Simulate-Fault:
<fault>`, with `;accepted` or `;refused` after it: whether the provider took the job before the answer failed.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

HEADER = "x-simulate-fault"


class Operation(StrEnum):
    """Operation on a job."""

    SUBMIT = "submit"
    POLL = "poll"
    RESULT = "result"
    UPLOAD = "upload"
    WEBHOOK = "webhook"
    DOWNLOAD = "download"


class Fault(StrEnum):
    """Faults that can be requested."""

    UNAUTHORIZED = "401"
    PAYMENT_REQUIRED = "402"
    INVALID = "422"
    RATE_LIMITED = "429"
    RATE_LIMITED_BARE = "429_bare"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    GATEWAY_TIMEOUT = "504"
    LOST_ANSWER = "lost_answer"
    RESET = "reset"
    SILENCE = "silence"
    SLOW_DRIP = "slow_drip"
    HTML_200 = "html_200"
    TRUNCATED_JSON = "truncated_json"
    UNKNOWN_STATE = "unknown_state"
    NO_VIDEO = "no_video"
    LATE_VIDEO = "late_video"
    NEVER_FINISH = "never_finish"
    JOB_FAILED = "job_failed"
    FAILED_BILLED = "failed_billed"
    FAILED_FREE = "failed_free"
    NO_AUDIO = "no_audio"
    WRONG_DURATION = "wrong_duration"
    RESULT_403 = "result_403"
    RESULT_404 = "result_404"
    ZERO_BYTES = "zero_bytes"
    NOT_MP4 = "not_mp4"
    OVERSIZED = "oversized"
    FORGED = "forged"
    REPLAYED = "replayed"
    TENFOLD = "tenfold"
    EARLY = "early"
    LATE = "late"
    STALE = "stale"
    SWAPPED = "swapped"
    KEYS_ROTATED = "keys_rotated"
    LOST = "lost"

    @classmethod
    def _missing_(cls, value: object) -> "Fault | None":
        """Another name of a fault."""
        return cls.NO_VIDEO if value == "completed_without_video" else None


STATUS = frozenset(fault for fault in Fault if fault[:3].isdigit())
"""Error answers in the provider's own form; the job is not accepted unless the rule says so."""
SPOILED = frozenset({Fault.LOST_ANSWER, Fault.SLOW_DRIP, Fault.HTML_200, Fault.TRUNCATED_JSON})
"""Faults of the answer, after the provider did its part."""
MUTE = frozenset({Fault.RESET, Fault.SILENCE})
WIRE = STATUS | SPOILED | MUTE
FAILED = frozenset({Fault.JOB_FAILED, Fault.FAILED_BILLED, Fault.FAILED_FREE})
"""The model fails; whether that is billed is the provider's habit, or the fault's."""
JOB = FAILED | {
    Fault.UNKNOWN_STATE, Fault.NO_VIDEO, Fault.LATE_VIDEO, Fault.NEVER_FINISH, Fault.NO_AUDIO, Fault.WRONG_DURATION,
}  # fmt: skip
"""Faults of jobs.

At `submit` they stay with the accepted job; `unknown_state` and `no_video` may also apply to one answer.
"""
FILE = frozenset({Fault.RESULT_403, Fault.RESULT_404, Fault.ZERO_BYTES, Fault.NOT_MP4, Fault.OVERSIZED})
"""Faults of files. At `submit` they stay with the job's file; at `download` they apply to one download."""
HOOK = frozenset(set(Fault) - WIRE - JOB - FILE)


@dataclass(slots=True)
class Rule:
    """Rule for faults; `accepted` None means the fault's default."""

    vendor: str
    operation: Operation
    fault: Fault
    times: int = 1
    after: int = 0
    accepted: bool | None = None
    struck: int = 0

    @property
    def lets_through(self) -> bool:
        """Return whether the provider does its part although the answer fails."""
        return self.accepted if self.accepted is not None else self.fault in SPOILED

    @property
    def spent(self) -> bool:
        """Return whether the rule was applied often enough."""
        return self.times > 0 and self.struck >= self.times


def natural_operation(fault: Fault) -> Operation:
    """Return the operation of a fault if the request names none."""
    if fault in HOOK:
        return Operation.WEBHOOK
    return Operation.DOWNLOAD if fault in FILE else Operation.SUBMIT


def from_header(value: str, vendor: str, operation: Operation) -> Rule:
    """Read `name[;accepted|;refused]`.

    Raises:
        ValueError: no fault has this name.
    """
    name, _, habit = value.partition(";")
    accepted = {"accepted": True, "refused": False}.get(habit.strip())
    return Rule(vendor, operation, Fault(name.strip()), accepted=accepted)


@dataclass(slots=True)
class FaultBook:
    """Active rules, oldest first."""

    rules: list[Rule] = field(default_factory=list)

    def add(self, rule: Rule) -> None:
        """Append a rule."""
        self.rules.append(rule)

    def clear(self) -> None:
        """Remove all rules."""
        self.rules.clear()

    def take(self, vendor: str, operation: Operation, only: Collection[Fault] | None = None) -> Rule | None:
        """Return the rule for this request, if any, and count it."""
        for rule in self.rules:
            fits = rule.vendor in {vendor, "*"} and rule.operation == operation
            if not fits or rule.spent or (only is not None and rule.fault not in only):
                continue
            if rule.after > 0:
                rule.after -= 1
                continue
            rule.struck += 1
            return rule
        return None
