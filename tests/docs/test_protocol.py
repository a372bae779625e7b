"""The protocol page says what the message classes say, and its client works."""

import re
from typing import Any

import pytest
from pydantic import BaseModel

from app.conversation.actions import Deadlines
from app.conversation.hub import MAX_SESSIONS
from app.conversation.protocol import client_messages, page_messages, parts
from app.conversation.protocol.rules import CLOSE_RULES, LIMITS, START_WITHIN_S
from app.conversation.session_limits import SessionConfig
from app.learning.turn_log import TurnOutcome
from app.runtime.settings.site import Settings
from app.web.asyncapi import CLIENT_MESSAGES, SERVER_MESSAGES, message_name
from app.web.chat import line
from app.web.tokens import TOKEN_S
from tests.docs.pages import first_cells, given_rows, page, section, sent_rows, table, written_rows

PAGE = page("protocol.md")

SENT_PARTS: dict[str, type[BaseModel]] = {
    "avatar": parts.AvatarPart,
    "loops": parts.LoopsPart,
    "clip": parts.ClipPart,
    "spoken clip": parts.SpokenClipPart,
    "face": parts.FacePart,
    "rendition": parts.RenditionPart,
    "caption": parts.CaptionPart,
    "choice": parts.ChoicePart,
    "card": parts.CardPart,
    "form field": parts.FormFieldPart,
    "limits": parts.LimitsPart,
}


@pytest.mark.parametrize("message", CLIENT_MESSAGES, ids=message_name)
def test_a_client_message_has_its_fields(message: type[BaseModel]) -> None:
    expected = given_rows(message, skip=("type",))

    assert written_rows(PAGE, f"`{message_name(message)}`") == expected


@pytest.mark.parametrize("message", SERVER_MESSAGES, ids=message_name)
def test_a_server_message_has_its_fields(message: type[BaseModel]) -> None:
    expected = sent_rows(message, skip=("type", "seq"))

    assert written_rows(PAGE, f"`{message_name(message)}`") == expected


@pytest.mark.parametrize(("name", "part"), SENT_PARTS.items(), ids=SENT_PARTS)
def test_a_part_has_its_fields(name: str, part: type[BaseModel]) -> None:
    assert written_rows(PAGE, name) == sent_rows(part)


def test_resume_has_its_fields() -> None:
    assert written_rows(PAGE, "resume") == given_rows(client_messages.Resume)


def test_a_handed_line_has_its_fields() -> None:
    assert written_rows(PAGE, "line") == given_rows(page_messages.HandedLine)


def test_no_message_is_described_that_does_not_exist() -> None:
    described = set(re.findall(r"^### `([a-z.]+)`$", PAGE, re.MULTILINE))

    assert described == {message_name(message) for message in (*CLIENT_MESSAGES, *SERVER_MESSAGES)}


def test_close_codes_are_those_of_the_code() -> None:
    expected = [[f"`{int(code)}`", rule.meaning, rule.client] for code, rule in CLOSE_RULES.items()]

    assert table(section(PAGE, "Close codes")) == expected


def test_every_outcome_is_explained() -> None:
    assert first_cells(section(PAGE, "What a question comes to")) == set(TurnOutcome.__args__)  # type: ignore[attr-defined]


def test_limits_are_those_of_the_code() -> None:
    config, deadlines, flat = SessionConfig(), Deadlines(), " ".join(PAGE.split())
    told = section(PAGE, "Limits of the server")

    for number in (
        f"within {START_WITHIN_S:g} s",
        f"{LIMITS.frame_bytes} bytes",
        f"{LIMITS.text_chars} characters",
        f"| {line.MAX_MISTAKES - 1} | the fifth",
        f"{config.questions_burst} at once, then {config.questions_per_s:g} a second",
        f"{line.FRAMES_BURST} at once, then {line.FRAMES_PER_S:g} a second",
        f"{line.MAX_WAITING_BYTES >> 20} MiB, or one for {line.SEND_WITHIN_S:g} s",
        f"renders in a session | {config.max_films} |",
        f"second looks in a session | {config.max_looks} |",
        f"| {MAX_SESSIONS} |",
    ):
        assert number in told
    assert f"`heartbeat_s` ({config.heartbeat_s:g} s)" in flat
    assert f'"expires_s": {TOKEN_S}' in flat
    assert f"({Settings.model_fields['film_deadline_s'].default:g} s unless set)" in flat
    assert f"Up to {deadlines.respond_s:g} s may pass" in flat
    assert f"{deadlines.speech_slack_s:g} s after the clip's length" in flat
    assert f"more than {LIMITS.resume_frames} frames or {LIMITS.resume_s / 60:g} minutes" in flat


def test_frames_shown_are_frames_that_exist() -> None:
    """Types and fields in the worked example are those of the classes."""
    fields = {message_name(cls): set(cls.model_fields) for cls in (*CLIENT_MESSAGES, *SERVER_MESSAGES)}
    shown = [
        frame for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL) for frame in re.split(r"\n(?=[<>] )", block)
    ]

    types = [re.search(r'"type":"([a-z.]+)"', frame) for frame in shown if frame[:2] in {"> ", "< "}]

    assert len(types) > 25
    assert {found[1] for found in types if found} <= fields.keys()


async def test_the_client_on_the_page_works(live_server: str, capsys: pytest.CaptureFixture[str]) -> None:
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {"__name__": "page"}
    exec(code, names)  # noqa: S102 - our own page

    outcome = await names["ask"](live_server, "Can I bring my dog?")

    said = capsys.readouterr().out
    assert outcome == "answered"
    assert "[answer] Guide dogs are welcome." in said
    assert "/clips/" in said
