"""A hub with a cast of fakes, and what its tests read from a visitor's line."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from app.conversation.fakes import (
    FakeClipRequester,
    FakeClock,
    FakeConnection,
    FakeDecider,
    FakeMeter,
    FakeResponder,
    FakeTurnLog,
)
from app.conversation.hub import Hub
from app.conversation.ports import Clips, Services
from app.conversation.protocol.client_messages import InputText, Resume
from app.conversation.protocol.server_messages import (
    ResponseDone,
    SessionCreated,
    SessionResumed,
)
from app.conversation.rate_limits import GenerationCaps
from app.conversation.script import Script, ServedRelease
from app.conversation.session_limits import SessionConfig
from tests.support.session_world import a_catalog, all_clips


@dataclass
class House:
    """A hub and everybody it calls on."""

    decider: FakeDecider = field(default_factory=lambda: FakeDecider({"Open?": "hours", "Dogs?": "dogs"}))
    responder: FakeResponder = field(default_factory=FakeResponder)
    film: FakeClipRequester = field(default_factory=FakeClipRequester)
    log: FakeTurnLog = field(default_factory=FakeTurnLog)
    meter: FakeMeter = field(default_factory=FakeMeter)
    clock: FakeClock = field(default_factory=FakeClock)
    clips: Clips = field(default_factory=lambda: all_clips(a_catalog()))
    config: SessionConfig = field(default_factory=SessionConfig)
    allowance: GenerationCaps = field(default_factory=GenerationCaps)

    def hub(self) -> Hub:
        services = Services(self.decider, self.clips, self.responder, self.film, self.log, allowance=self.allowance)
        return Hub(
            lambda: ServedRelease(lambda: Script(a_catalog()), services),
            clock=self.clock,
            meter=self.meter,
            config=self.config,
        )


async def until(true: Callable[[], bool]) -> None:
    """Let the loop run until something is true."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110  (what is waited for is a fake's state)
            await asyncio.sleep(0)


def asked(text: str, ref: str = "q1") -> InputText:
    return InputText(type="input.text", id=ref, text=text)


def done(line: FakeConnection) -> list[str]:
    return [message.outcome for message in line.sent if isinstance(message, ResponseDone)]


def resume_of(line: FakeConnection, last_seq: int | None = None) -> Resume:
    begun = [message for message in line.sent if isinstance(message, SessionCreated | SessionResumed)][-1]
    last = line.sent[-1].seq if last_seq is None else last_seq
    return Resume(session=begun.session, resume_token=begun.resume_token, last_seq=last)
