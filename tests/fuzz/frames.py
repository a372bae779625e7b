"""Frames as a broken, a newer or a hostile client might send them."""

import json

from hypothesis import strategies as st

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
_TYPES = st.sampled_from(
    [
        *("session.start", "input.text", "input.choice", "response.cancel", "playback", "feedback", "ack", "ping"),
        *("session.created", "response.clip", "input.audio", "", "session.start ", "SESSION.START"),
    ]
)
_NAMES = st.sampled_from(
    [
        *("id", "text", "intent", "turn", "clip", "event", "at_s", "seq", "score", "comment", "resume", "token"),
        *("locale", "session", "resume_token", "last_seq", "unknown"),
    ]
)
_GOOD = st.one_of(
    st.builds(
        lambda ref, text: {"type": "input.text", "id": ref, "text": text},
        st.integers(1, 60).map(str),
        st.sampled_from(["Open?", "Price?", "Who built it?", "And why?", "Dogs?", "x" * 2000, "\x00\x01", "é" * 500]),
    ),
    st.builds(
        lambda ref, intent: {"type": "input.choice", "id": ref, "intent": intent},
        st.integers(1, 60).map(str),
        st.sampled_from(["hours", "dogs", "goodbye", "idle", "nowhere", "greeting"]),
    ),
    st.just({"type": "ping"}),
    st.builds(lambda seq: {"type": "ack", "seq": seq}, st.integers(0, 500)),
    st.builds(
        lambda turn, event: {"type": "playback", "turn": turn, "clip": "0", "event": event, "at_s": 0.5},
        st.text(min_size=1, max_size=20),
        st.sampled_from(["started", "ended", "stalled", "failed"]),
    ),
    st.builds(lambda turn: {"type": "response.cancel", "turn": turn}, st.text(min_size=1, max_size=20)),
    st.builds(lambda turn: {"type": "feedback", "turn": turn, "score": "up"}, st.text(min_size=1, max_size=20)),
)

_ODD = st.builds(lambda kind, fields: {"type": kind, **fields}, _TYPES, st.dictionaries(_NAMES, _JSON, max_size=5))

GOOD: st.SearchStrategy[str | bytes] = _GOOD.map(json.dumps)
"""Messages, whatever they ask for."""

ODD: st.SearchStrategy[str | bytes] = st.one_of(
    _ODD.map(json.dumps),
    _ODD.map(json.dumps),
    st.text(max_size=60).filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text)),
    st.binary(max_size=40),
)
"""Mostly none: the fifth of them ends a line."""

FRAMES = GOOD | ODD
