"""From what services tell about time to words with times."""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

from app.rendering.ports import Spoken, TimedSpan

Level = Callable[[bytes, tuple[TimedSpan, ...]], Spoken]
"""Turns delivered sound of any format, and word times in it, into finished speech: decoded, trimmed, levelled, as WAV.

Given from outside; called off the event loop. Raises MediaError when the bytes are no sound.
"""


def words_of_characters(alignment: Mapping[str, Any]) -> tuple[TimedSpan, ...]:
    """Words from `characters` and their start and end times; none when the lists do not fit each other."""
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
    """Words from a list of `word`, `start_time`, `end_time`; a mark without letters joins the word before it."""
    words: list[TimedSpan] = []
    for entry in timestamps:
        text, start_s, end_s = str(entry["word"]).strip(), float(entry["start_time"]), float(entry["end_time"])
        if words and text and not any(character.isalnum() for character in text):
            words[-1] = TimedSpan(words[-1].text + text, words[-1].start_s, max(words[-1].end_s, end_s))
        elif text:
            words.append(TimedSpan(text, start_s, end_s))
    return tuple(words)


def words_spread(text: str, duration_s: float) -> tuple[TimedSpan, ...]:
    """Words spread over the sound by their length, for services that tell no times: near enough for captions."""
    words = text.split()
    total = sum(len(word) + 1 for word in words) or 1
    spans, at = [], 0
    for word in words:
        spans.append(TimedSpan(word, duration_s * at / total, duration_s * (at + len(word)) / total))
        at += len(word) + 1
    return tuple(spans)
