"""How frames are read and written."""

import json
from typing import get_args

import pytest

from app.conversation.fakes import fake_clip
from app.conversation.protocol.client_messages import ClientMessage, InputText, message_id, read_message
from app.conversation.protocol.rules import CLOSE_RULES, CloseCode
from app.conversation.protocol.server_messages import ErrorMessage, ResponseClip, ServerMessage
from app.conversation.replies import clip_part
from app.errors import MessageUnknownError, ProtocolError

CLIENT_TYPES = """
session.start session.update input.text input.choice response.cancel playback feedback session.context call.result
input.form handover.request ack ping session.end
"""
SERVER_TYPES = """
session.created session.resumed session.updated session.greeting input.accepted state clip.prefetch response.clip
response.text.delta response.text.done response.choices response.handover response.call request.accepted response.done
session.ending error pong
"""


def _type(cls) -> str:
    return get_args(cls.model_fields["type"].annotation)[0]


def test_the_messages_are_those_of_the_protocol():
    assert [_type(cls) for cls in get_args(ClientMessage)] == CLIENT_TYPES.split()
    assert [_type(cls) for cls in get_args(ServerMessage)] == SERVER_TYPES.split()


def test_a_bad_value_of_the_page_is_no_reason_to_refuse_a_visitor():
    bad = '"x": null, "y": 1e300, "Z": "upper", "w": [1], "v": "' + "a" * 201 + '", '
    message = read_message(
        f'{{"type": "session.start", "id": "1", "context": {{{bad} "plan": "gold", "visits": 3.0}}}}'
    )

    assert message.context == {"plan": "gold", "visits": "3"}
    with pytest.raises(ProtocolError):
        read_message('{"type": "session.context", "id": "1", "values": {"x": null}}')


def test_fields_that_are_not_known_are_ignored():
    message = read_message('{"type": "input.text", "id": "1", "text": " Hi\\nthere ", "mood": {"is": "new"}}')

    assert message == InputText(type="input.text", id="1", text="Hi there")


def test_a_type_that_is_not_known_is_named():
    with pytest.raises(MessageUnknownError, match=r"input\.smell"):
        read_message('{"type": "input.smell", "id": "1"}')


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "hello",
        "[]",
        "{}",
        '{"type": 7}',
        '{"type": "input.text", "text": "no id"}',
        '{"type": "input.text", "id": "1", "text": "   "}',
        json.dumps({"type": "input.text", "id": "1", "text": "x" * 2001}),
        '{"type": "input.text", "id": "1", "text": "\\ud800"}',
        '{"type": "playback", "turn": "t", "clip": "c", "event": "started", "at_s": NaN}',
        '{"type": "session.start", "id": "1", "resume": {"session": "s"}}',
        "[" * 10_000,
    ],
)
def test_what_is_no_message_is_refused_with_a_reason(frame):
    with pytest.raises(ProtocolError) as caught:
        read_message(frame)

    assert caught.value.code == "message_invalid"


def test_two_thousand_characters_are_a_question():
    text = "é" * 2000

    message = read_message(json.dumps({"type": "input.text", "id": "1", "text": text}))

    assert isinstance(message, InputText)
    assert message.text == text


def test_the_id_is_found_in_a_message_that_is_wrong():
    assert message_id('{"type": "input.text", "id": "q7"}') == "q7"
    assert message_id('{"id": 7}') is None
    assert message_id("nonsense") is None


def test_optional_fields_are_left_out_and_the_others_are_there():
    clip = ResponseClip(
        seq=3, turn="t1", role="holding", source="cache", text="Wait.", clip=clip_part(fake_clip("Wait."))
    )

    told = json.loads(clip.model_dump_json())

    assert set(told) == {"type", "seq", "turn", "role", "source", "text", "clip", "interruptible"}
    assert set(told["clip"]) == {"url", "media_type", "duration_s", "poster", "digest", "captions"}
    assert told["clip"]["captions"] == [{"start_s": 0.0, "end_s": 2.0, "text": "Wait."}]


def test_an_error_says_when_to_try_again_only_if_it_knows():
    told = json.loads(ErrorMessage(code="x", message="No.").model_dump_json())

    assert set(told) == {"type", "seq", "code", "message", "retryable"}


def test_every_close_code_has_its_rule():
    assert set(CLOSE_RULES) == set(CloseCode)
    assert all(len(rule.meaning.encode()) <= 123 for rule in CLOSE_RULES.values())
