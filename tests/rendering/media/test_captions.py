import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.rendering.media.captions import (
    GAP_S,
    LINE_CHARS,
    LINES,
    LONGEST_S,
    SHORTEST_S,
    captions_document,
    make_captions,
    web_vtt,
)
from app.rendering.ports import TimedSpan

TEXT = (
    "The museum is open from ten in the morning until six in the evening. On Thursdays we stay open until nine, and "
    "on Mondays we are closed, except on public holidays."
)


def spoken(text, *, word_s=0.3, start_s=0.1):
    return [TimedSpan(word, start_s + at * word_s, start_s + (at + 1) * word_s) for at, word in enumerate(text.split())]


words = st.lists(
    st.tuples(
        st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=14),
        st.floats(0.02, 1.5),
        st.floats(0.0, 1.0),
    ),
    max_size=60,
)


def timed(rows):
    at, spans = 0.0, []
    for text, length, pause in rows:
        spans.append(TimedSpan(text, at + pause, at + pause + length))
        at += pause + length
    return spans, at


@given(words)
def test_captions_are_ordered_apart_and_whole(rows):
    spans, duration_s = timed(rows)

    captions = make_captions(spans, duration_s=duration_s)

    assert " ".join(caption.text for caption in captions).split() == [span.text for span in spans]
    for caption in captions:
        lines = caption.text.split("\n")
        assert len(lines) <= LINES
        assert max(map(len, lines)) <= LINE_CHARS
        assert -0.001 <= caption.start_s <= caption.end_s <= duration_s + 0.001
        assert caption.end_s - caption.start_s <= LONGEST_S + 0.001
    for before, after in pairwise(captions):
        assert before.end_s <= after.start_s


def test_a_caption_breaks_at_the_end_of_a_sentence():
    captions = make_captions(spoken(TEXT, word_s=0.15), duration_s=20.0)

    assert captions[0].text.replace("\n", " ") == TEXT.split(". ", maxsplit=1)[0] + "."


def test_a_pause_ends_a_caption():
    spans = [TimedSpan("One", 0.0, 0.4), TimedSpan("two", 1.2, 1.6)]

    assert [caption.text for caption in make_captions(spans, duration_s=3.0)] == ["One", "two"]


def test_a_short_caption_is_held_for_a_second_where_there_is_room():
    spans = [TimedSpan("Yes.", 0.0, 0.2), TimedSpan("No.", 3.0, 3.2)]

    first, last = make_captions(spans, duration_s=3.5)

    assert first.end_s - first.start_s == SHORTEST_S
    assert last.end_s == 3.5


def test_the_next_caption_is_seen_to_change():
    spans = [TimedSpan("Yes", 0.0, 0.2), TimedSpan("no", 0.8, 1.0)]

    first, second = make_captions(spans, duration_s=3.0)

    assert round(second.start_s - first.end_s, 3) == GAP_S


def test_silence_has_no_captions():
    assert make_captions([], duration_s=5.0) == ()


def test_web_vtt_escapes_and_stamps():
    captions = make_captions(
        [TimedSpan("Fish", 3600.5, 3601.0), TimedSpan("&<chips>", 3601.0, 3602.0)], duration_s=3700
    )

    assert web_vtt(captions) == "WEBVTT\n\n1\n01:00:00.500 --> 01:00:02.000\nFish &amp;&lt;chips&gt;\n"


def test_web_vtt_cues_are_separated_by_blank_lines():
    text = web_vtt(make_captions(spoken(TEXT), duration_s=20.0))

    cues = text.removeprefix("WEBVTT\n\n").strip().split("\n\n")
    assert len(cues) >= 3
    assert all(re.match(r"\d+\n[\d:.]+ --> [\d:.]+\n.", cue) for cue in cues)


def test_the_document_is_plain_json():
    assert captions_document(make_captions(spoken("Hello there"), duration_s=2.0)) == [
        {"start_s": 0.1, "end_s": 1.1, "text": "Hello there"}
    ]
