"""The session under random messages, results and timers: it never raises, and what it says adds up."""

import json
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.conversation.actions import Send, Work
from app.conversation.fakes import fake_clip, fake_decision
from app.conversation.protocol import client_messages
from app.conversation.protocol.server_messages import InputAccepted, ResponseClip, ResponseDone
from app.conversation.session_limits import SessionConfig
from app.errors import GreenroomError, ProtocolError
from tests.support.session_world import INTENTS, SessionWorld

TURNS = st.integers(1, 6).map(lambda number: f"t{number}")
INTENT_IDS = st.sampled_from([*(intent.id for intent in INTENTS), "nowhere"])
CLIPS = st.sampled_from(["We open at ten.", "One moment.", "Goodbye.", ""]).map(fake_clip)
REFS = st.integers(1, 8).map(str)

MESSAGES = st.one_of(
    st.builds(client_messages.InputText, type=st.just("input.text"), id=REFS, text=st.sampled_from(["Hello?", "Why?"])),
    st.builds(client_messages.InputChoice, type=st.just("input.choice"), id=REFS, intent=INTENT_IDS),
    st.builds(client_messages.ResponseCancel, type=st.just("response.cancel"), turn=TURNS),
    st.builds(
        client_messages.Playback,
        type=st.just("playback"),
        turn=TURNS,
        clip=CLIPS.map(lambda clip: clip.digest),
        event=st.sampled_from(["started", "ended", "stalled", "failed"]),
    ),
    st.builds(client_messages.Feedback, type=st.just("feedback"), turn=TURNS, score=st.sampled_from(["up", "down"])),
    st.builds(client_messages.Ack, type=st.just("ack"), seq=st.integers(0, 400)),
    st.builds(client_messages.Ping, type=st.just("ping")),
    st.builds(client_messages.SessionStart, type=st.just("session.start"), id=REFS),
)

DECISIONS = st.one_of(
    st.builds(lambda intent: fake_decision("answer", intent), INTENT_IDS),
    st.builds(lambda one, two: fake_decision("clarify", one, two), INTENT_IDS, INTENT_IDS),
    st.just(fake_decision("miss")),
)

STEPS = st.one_of(
    st.tuples(st.just("receive"), MESSAGES),
    st.tuples(st.just("decided"), TURNS, DECISIONS),
    st.tuples(st.just("clip_found"), TURNS, st.sampled_from(Work), CLIPS | st.none()),
    st.tuples(st.just("words"), TURNS, st.text(max_size=20)),
    st.tuples(st.just("words_ended"), TURNS),
    st.tuples(st.just("filmed"), TURNS, CLIPS),
    st.tuples(st.just("failed"), TURNS, st.sampled_from(Work), st.just(GreenroomError("No."))),
    st.tuples(st.just("prefetched"), TURNS, st.lists(CLIPS, max_size=2)),
    st.tuples(st.just("wake"), TURNS, st.sampled_from(Work)),
)


def play(steps: list[tuple[Any, ...]], stage: SessionWorld | None = None) -> SessionWorld:
    """Carry the steps out, a tenth of a second apart."""
    stage = stage or SessionWorld(config=SessionConfig(questions_burst=20))
    for name, *arguments in steps:
        stage.now += 0.1
        stage.note(getattr(stage.session, name)(*arguments, stage.now))
    return stage


@given(st.lists(STEPS, max_size=60))
@settings(max_examples=400, deadline=None)
def test_whatever_comes_the_session_stays_consistent(steps):
    stage = play(steps)

    sent = stage.sent
    done = Counter(message.turn for message in stage.told(ResponseDone))
    opened = [message.turn for message in stage.told(InputAccepted)]
    assert [message.seq for message in sent] == list(range(1, len(sent) + 1))
    assert all(count == 1 for count in done.values())
    assert set(done) <= set(opened)
    assert len(set(opened) - set(done)) <= 1


@given(st.lists(STEPS, max_size=60))
@settings(max_examples=200, deadline=None)
def test_nothing_is_said_about_a_turn_after_it_is_done(steps):
    stage = play(steps)

    over: set[str] = set()
    for message in stage.sent:
        turn = getattr(message, "turn", None)
        assert isinstance(message, InputAccepted) or turn not in over
        if isinstance(message, ResponseDone):
            over.add(message.turn)


@given(st.lists(STEPS, max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_holding_clip_comes_twice_in_a_row(steps):
    stage = play(steps)

    held = [(clip.turn, clip.clip.digest) for clip in stage.told(ResponseClip) if clip.role == "holding"]
    asked = list(dict.fromkeys(message.turn for message in stage.told(InputAccepted)))
    for (first, one), (second, other) in pairwise(held):
        assert first != second
        assert one != other or asked.index(second) > asked.index(first) + 1


@given(st.lists(STEPS, max_size=40), st.integers(0, 80))
@settings(max_examples=200, deadline=None)
def test_a_return_brings_exactly_the_rest_or_ends(steps, last_seq):
    stage = play([step for step in steps if not isinstance(step[1], client_messages.Ack)])
    said = stage.sent

    actions = stage.session.resume("r_2", stage.now, last_seq=last_seq)
    again = [action.message for action in actions if isinstance(action, Send)]

    if last_seq <= len(said):
        assert again[1:] == said[last_seq:]


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: data.decode("latin-1")))
@settings(max_examples=500, deadline=None)
def test_any_frame_is_a_message_or_a_protocol_error(frame):
    with suppress(ProtocolError):
        client_messages.read_message(frame)
    client_messages.message_id(frame)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["session.start", "input.text", "input.choice", "playback", "feedback", "ack", "ping", "new"])
FIELDS = st.sampled_from(["id", "text", "intent", "turn", "clip", "event", "at_s", "seq", "score", "resume", "token"])


@given(TYPES, st.dictionaries(FIELDS, JSON, max_size=6))
@settings(max_examples=500, deadline=None)
def test_any_object_is_a_message_or_a_protocol_error(kind, fields):

    frame = json.dumps({"type": kind, **fields})

    with suppress(ProtocolError):
        client_messages.read_message(frame)
    client_messages.message_id(frame)


@given(st.lists(STEPS, max_size=40), st.lists(STEPS, max_size=40), st.integers(0, 5))
@settings(max_examples=200, deadline=None)
def test_a_session_that_moves_stays_consistent(before, after, unheard):
    """Whatever happened before and happens after, no number is skipped or used twice, no turn done twice."""
    stage = play(before)
    acked = max((step[1].seq for step in before if isinstance(step[1], client_messages.Ack)), default=0)
    heard = stage.sent[: max(1, acked, len(stage.sent) - unheard)]  # nobody acknowledges what has not arrived
    moved = stage.moved(last_seq=heard[-1].seq)

    play(after, moved)

    sent = [*heard, *(message for message in moved.sent if message.type != "session.resumed")]
    done = Counter(message.turn for message in sent if isinstance(message, ResponseDone))
    assert [message.seq for message in sent] == list(range(1, len(sent) + 1))
    assert all(count == 1 for count in done.values())
