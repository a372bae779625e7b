"""Prepared messages: byte for byte what pydantic would write for each visitor anew."""

import json

import pytest

from app.conversation.hot_path import prepared
from app.conversation.hot_path.prepared import PreparedMessages, done, state
from app.conversation.outbox import Outbox
from app.conversation.ports import PlayableCaption, PlayableClip
from app.conversation.protocol.parts import ChoicePart
from app.conversation.protocol.server_messages import (
    ClipPrefetch,
    ClipRole,
    InputAccepted,
    Pong,
    ResponseChoices,
    ResponseClip,
    ResponseDone,
    State,
    for_turn,
)
from app.conversation.replies import clip_part, response
from app.conversation.script import Script
from app.conversation.turn import Turn
from tests.support.session_world import a_catalog

CLIP = PlayableClip("/c.mp4", "video/mp4", 2.5, None, "d1", (PlayableCaption(0.0, 2.0, 'Say "hé",\nyes.'),), "Yes.")

CLIPPED = ResponseClip(
    turn="t_0", role=ClipRole.ANSWER, source="cache", intent="a", text='Say "hé".', clip=clip_part(CLIP)
)
CHIPS = ResponseChoices(turn="", choices=(ChoicePart(intent="a", title='"turn":"t_0"'),))


@pytest.mark.parametrize("message", [CLIPPED, CHIPS, ResponseDone(turn="", outcome="answered")])
@pytest.mark.parametrize("turn", ["t_aB-9", 'odd "one"\\', "größe"])
def test_a_prepared_message_is_written_as_if_it_were_made_for_its_turn(message, turn):
    fresh = type(message).model_validate(message.model_dump() | {"turn": turn, "seq": 7})

    assert for_turn(message, turn).numbered(7).frame == fresh.model_dump_json()
    assert for_turn(message, turn).numbered(7) == fresh


@pytest.mark.parametrize(
    "message",
    [
        InputAccepted(ref="q", turn="t"),
        Pong(),
        State(value="thinking"),
        ClipPrefetch(clips=(clip_part(CLIP),)),
        CLIPPED,
    ],
)
def test_a_number_changes_nothing_else(message):
    for seq in (1, 12, 1234):
        assert message.numbered(seq).frame == message.model_copy(update={"seq": seq}).model_dump_json()
    assert message.seq == 0
    assert json.loads(message.frame)["seq"] == 0


def test_copies_do_not_change_each_other():
    first, second = for_turn(CHIPS, "t1").numbered(3), for_turn(CHIPS, "t2").numbered(4)

    assert (json.loads(first.frame)["turn"], json.loads(second.frame)["turn"]) == ("t1", "t2")
    assert (first.turn, second.turn, CHIPS.turn) == ("t1", "t2", "")
    assert for_turn(first, "t3").numbered(9).frame == for_turn(CHIPS, "t3").numbered(9).frame


def test_states_and_ends_are_made_once():
    assert state("speaking") is state("speaking")
    assert json.loads(done("t5", "missed").frame) == {
        "seq": 0,
        "type": "response.done",
        "turn": "t5",
        "outcome": "missed",
    }


def test_a_message_is_kept_with_what_its_key_names():
    kept, made = PreparedMessages(), []

    def make() -> Pong:
        made.append(1)
        return Pong()

    assert kept.get(("pong", 1), make, made_of=(CLIP,)) is kept.get(("pong", 1), make)
    assert kept.get(("pong", 2), make) is not kept.get(("pong", 1), make)
    assert len(made) == 2


def test_what_is_kept_is_bounded_by_its_bytes(monkeypatch):
    one = State(value="thinking")
    monkeypatch.setattr(prepared, "_MOST_BYTES", 10 * one.size)
    kept = PreparedMessages()
    made = [kept.get(("state", number), lambda: State(value="thinking")) for number in range(10)]

    assert [kept.get(("state", number), Pong) for number in range(10)] == made
    kept.get(("state", 10), lambda: State(value="thinking"))
    assert isinstance(kept.get(("state", 0), Pong), Pong)
    assert isinstance(kept.get(("state", 10), Pong), State)


def test_a_generated_answer_is_not_kept():
    """It has the words of one visitor: nobody else can get it, and it would outlive its erasing."""
    script, turn = Script(a_catalog()), Turn("t1", "q1", "Who am I?", "en", 0.0)

    made = response(script, turn, CLIP, role=ClipRole.ANSWER, source="generated")
    kept = dict(script.prepared._kept)
    response(script, turn, CLIP, role=ClipRole.ANSWER, source="cache")

    assert (made.turn, made.source, made.text) == ("t1", "generated", CLIP.text)
    assert (len(kept), len(script.prepared._kept)) == (0, 1)


def test_frames_of_a_resume_are_those_that_were_sent():
    outbox = Outbox()
    for message in (for_turn(CLIPPED, "t1"), state("speaking"), for_turn(CHIPS, "t1"), done("t1", "answered")):
        outbox.send(message)
    sent = [action.message.frame for action in outbox.take()]

    missed = outbox.since(0)

    assert missed is not None
    assert [message.frame for message in missed] == sent
