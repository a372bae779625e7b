"""Faults on request: what goes wrong, where, how often.

A rule names a vendor (or `*`), an operation and a fault; it lets `after` matching requests pass and then strikes
`times` times (0: for ever). A request can also carry its own in the header `X-Simulate-Fault: <fault>`, with
`;accepted` or `;refused` behind it to say whether the vendor took the job before the answer went wrong.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

HEADER = "x-simulate-fault"


class Operation(StrEnum):
    """Where in a job's life a request stands."""

    SUBMIT = "submit"
    POLL = "poll"
    RESULT = "result"
    UPLOAD = "upload"
    WEBHOOK = "webhook"
    DOWNLOAD = "download"


class Fault(StrEnum):
    """Everything that can be asked for."""

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
    NEVER_FINISH = "never_finish"
    JOB_FAILED = "job_failed"
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


STATUS = frozenset(fault for fault in Fault if fault[:3].isdigit())
"""An error answer in the vendor's own shape; the job is not accepted unless the rule says so."""
SPOILED = frozenset({Fault.LOST_ANSWER, Fault.SLOW_DRIP, Fault.HTML_200, Fault.TRUNCATED_JSON})
"""The vendor did its part; the answer suffers on the way."""
MUTE = frozenset({Fault.RESET, Fault.SILENCE})
WIRE = STATUS | SPOILED | MUTE
JOB = frozenset(
    {Fault.UNKNOWN_STATE, Fault.NO_VIDEO, Fault.NEVER_FINISH, Fault.JOB_FAILED, Fault.NO_AUDIO, Fault.WRONG_DURATION}
)
"""At `submit` they stay with the job that is accepted; `unknown_state` and `no_video` may also strike one answer."""
FILE = frozenset({Fault.RESULT_403, Fault.RESULT_404, Fault.ZERO_BYTES, Fault.NOT_MP4, Fault.OVERSIZED})
"""At `submit` they stay with the job's file; at `download` they strike one download."""
HOOK = frozenset(set(Fault) - WIRE - JOB - FILE)


@dataclass(slots=True)
class Rule:
    """One entry of the fault book; `accepted` None means the fault's own habit."""

    vendor: str
    operation: Operation
    fault: Fault
    times: int = 1
    after: int = 0
    accepted: bool | None = None
    struck: int = 0

    @property
    def lets_through(self) -> bool:
        """Whether the vendor does its part although the answer goes wrong."""
        return self.accepted if self.accepted is not None else self.fault in SPOILED

    @property
    def spent(self) -> bool:
        """Whether it has struck often enough."""
        return self.times > 0 and self.struck >= self.times


def natural_operation(fault: Fault) -> Operation:
    """Where a fault strikes when the request does not say."""
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
    """The rules in force, oldest first."""

    rules: list[Rule] = field(default_factory=list)

    def add(self, rule: Rule) -> None:
        """Put it at the end."""
        self.rules.append(rule)

    def clear(self) -> None:
        """Nothing goes wrong from now on."""
        self.rules.clear()

    def take(self, vendor: str, operation: Operation, only: Collection[Fault] | None = None) -> Rule | None:
        """The rule that strikes this request, if any; counts down."""
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
