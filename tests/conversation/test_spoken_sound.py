"""Sound of a spoken question: whatever a stranger sends is heard or refused with a code."""

import contextlib
import io
import struct
import wave

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.conversation.visitor_speech.sound import MAX_SPEECH_S, RATE, read_question
from app.errors import MediaError

HEADER = 44
SIZES = (0, 1, 2, 3, 4, 7, 15, 16, 17, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
"""Sizes at which readers of chunks go wrong: none, odd, short, and more than there is."""


def wav() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(320))
    return out.getvalue()


def chunk(name: bytes, said: int, body: bytes) -> bytes:
    return name + struct.pack("<I", said) + body


FORMAT = chunk(b"fmt ", 16, struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16))
CHUNKS = st.builds(
    chunk,
    st.sampled_from([b"fmt ", b"data", b"LIST", b"fact", bytes(4)]),
    st.sampled_from(SIZES),
    st.binary(max_size=18),
)


def check(body: bytes) -> None:
    """Read it: it may be refused, with the error that the route knows, and with no other."""
    with contextlib.suppress(MediaError):
        assert 0 < read_question(body).seconds <= MAX_SPEECH_S


def test_a_chunk_that_ends_behind_its_file_is_refused():
    body = b"RIFF" + struct.pack("<I", 24) + b"WAVE" + chunk(b"LIST", 0xFFFF, bytes(8))

    with pytest.raises(MediaError, match="16 bits, one channel"):
        read_question(body)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(changes=st.dictionaries(st.integers(0, HEADER - 1), st.integers(0, 255), min_size=1, max_size=6))
def test_a_header_with_changed_bytes_is_heard_or_refused(changes):
    body = bytearray(wav())
    for at, value in changes.items():
        body[at] = value

    check(bytes(body))


@settings(max_examples=300, derandomize=True, deadline=None)
@given(whole=st.sampled_from(SIZES), chunks=st.lists(CHUNKS, max_size=3), begins=st.booleans())
def test_chunks_of_any_size_are_heard_or_refused(whole, chunks, begins):
    check(b"RIFF" + struct.pack("<I", whole) + b"WAVE" + (FORMAT if begins else b"") + b"".join(chunks))
