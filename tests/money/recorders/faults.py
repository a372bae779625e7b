"""The faults that a recorder deals, and how a cell with each of them must end by Greenroom's own documentation."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.money.recorders.recorder import Recorder

FAULTS: Mapping[str, str] = {
    "clean": "nothing goes wrong",
    "refused_500": "the order is answered with 500 and was not taken",
    "accepted_500": "the order is taken and answered with 500",
    "answer_lost": "the order is taken, then the connection breaks",
    "called_back": "the order is taken, then the connection breaks; the provider calls back",
    "slow_answer": "the order is taken, its answer comes after the time-out",
    "rate_limited": "the order is answered with 429 and `Retry-After`",
    "status_500": "status answers 500 four times",
    "never_finishes": "the job runs on and on; two runs are ended with SIGTERM",
    "no_video": "the job is finished and has no video",
    "late_video": "the video's address comes two seconds late",
    "failed_billed": "the job fails and is billed",
    "failed_free": "the job fails and is not billed",
    "vanished": "the job is billed, and status knows nothing of it",
    "video_cut": "the download breaks off in the middle, twice",
    "page_at_first": "a web page comes in place of the video, twice",
    "video_is_html": "the clip's video is a web page, whenever it is ordered",
    "video_is_empty": "the clip's video has no byte, whenever it is ordered",
    "key_revoked": "after the first order every call is answered with 401, until the next run",
    "kills_1": "up to three SIGKILLs at random moments",
    "kills_2": "up to three SIGKILLs at other random moments",
}
"""`clean` and the two with kills are no faults of the vendor."""

_LOST = {"accepted_500", "answer_lost", "slow_answer"}
_HEALS = {
    "clean",
    "called_back",
    "rate_limited",
    "status_500",
    "late_video",
    "video_cut",
    "page_at_first",
    "never_finishes",
    "key_revoked",
}

STATUSES: Mapping[str, frozenset[int]] = {
    "status_500": frozenset({0, 6}),
    "never_finishes": frozenset({143}),
    "key_revoked": frozenset({5, 8}),
}
"""Statuses of the first run that are as documented; where nothing is said: 0 with the clips, 5 parked, 1 failed."""


@dataclass(frozen=True, slots=True)
class Due:
    """How a cell must end: states in which the render that met the fault may be, statuses of the first run, bills."""

    states: frozenset[str]
    first_statuses: frozenset[int]
    bills_per_clip: int


def plays(fault: str, vendor: type[Recorder]) -> bool:
    """Whether the fault can befall this vendor: none bills what it promises not to; not all call back with a proof."""
    if fault == "called_back":
        return bool(vendor.hook_field)
    return fault != "failed_billed" or not vendor.frees_failures or vendor.bills_some_ends


def due(fault: str, vendor: type[Recorder]) -> Due:
    """What the documentation promises."""
    if fault.startswith("kills"):
        states = {"ready"} if vendor.proves else {"ready", "parked"}
        return Due(frozenset(states), frozenset({-9, 0, 5}), 1)
    state = "ready" if _ends_well(fault, vendor) else "parked"
    usual = {1, 6} if fault == "failed_free" and state == "ready" else {0} if state == "ready" else {5}
    return Due(frozenset({state}), STATUSES.get(fault, frozenset(usual)), 1)


def _ends_well(fault: str, vendor: type[Recorder]) -> bool:
    if fault == "refused_500":
        return vendor.proves
    if fault in _LOST:
        return vendor.finds
    if fault == "failed_free":
        return vendor.frees_failures or vendor.tells_free_failures
    return fault in _HEALS
