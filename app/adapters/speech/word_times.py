"""Word times: from a service's characters or words with times, or by the length of the words."""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

from app.rendering.ports import Spoken, TimedSpan

Level = Callable[[bytes, tuple[TimedSpan, ...]], Spoken]
"""Finisher of delivered sound: any format and its word times to WAV, decoded, trimmed and levelled.

It is given from outside and called off the event loop. It raises MediaError when the bytes are no sound.
"""


def words_of_characters(alignment: Mapping[str, Any]) -> tuple[TimedSpan, ...]:
    """Return words from `characters` and their start and end times; none when the lists differ in length."""
    characters = alignment.get("characters") or []
    starts = alignment.get("character_start_times_seconds") or []
    ends = alignment.get("character_end_times_seconds") or []
    if not len(characters) == len(starts) == len(ends):
        return ()
    timed = zip(characters, starts, ends, strict=True)
    groups = [list(group) for blank, group in groupby(timed, lambda entry: not str(entry[0]).strip()) if not blank]
    return tuple(
        TimedSpan("".join(c for c, _, _ in group), float(group[0][1]), float(group[-1][2])) for group in groups
    )


def words_as_listed(timestamps: list[Mapping[str, Any]]) -> tuple[TimedSpan, ...]:
    """Return words from a list of `word`, `start_time`, `end_time`.

    A mark without letters joins the word before it.
    """
    words: list[TimedSpan] = []
    for entry in timestamps:
        text, start_s, end_s = str(entry["word"]).strip(), float(entry["start_time"]), float(entry["end_time"])
        if words and text and not any(character.isalnum() for character in text):
            words[-1] = TimedSpan(words[-1].text + text, words[-1].start_s, max(words[-1].end_s, end_s))
        elif text:
            words.append(TimedSpan(text, start_s, end_s))
    return tuple(words)


def words_spread(text: str, duration_s: float) -> tuple[TimedSpan, ...]:
    """Return words spread over the sound by their length.

    Near enough for captions where a service gives no times.
    """
    words = text.split()
    total = sum(len(word) + 1 for word in words) or 1
    spans, at = [], 0
    for word in words:
        spans.append(TimedSpan(word, duration_s * at / total, duration_s * (at + len(word)) / total))
        at += len(word) + 1
    return tuple(spans)
