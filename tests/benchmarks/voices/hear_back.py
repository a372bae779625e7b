"""Is a language spoken so that it is understood? Forty sentences a language, heard back by a recogniser.

The sentences were written before the voice was heard. Both sides are normalised, since a recogniser writes figures.
"""

import asyncio
import os
import re
import sys
import tempfile
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from damga import Normalizer

from app.adapters.local.facts import Model
from app.adapters.local.inspection.inspector import LocalInspector
from app.adapters.local.kokoro.packs import PACKS
from app.adapters.local.order import Order, VideoFormat
from app.adapters.local.render_clip import render_clip
from app.adapters.local.speech import LocalSpeech
from app.rendering.media.inspection import Subject
from app.rendering.ports import SpeechRequest, Spoken
from app.runtime.settings.site import load_settings
from tests.benchmarks.page import put, taken
from tests.benchmarks.voices.recogniser import Recogniser
from tests.support.sites import SAMPLE_PORTRAIT

COMMAND = "make bench-voices"
TITLE = "Voices"
DATA = Path(__file__).parent / "data"
MOST_WRONG = 0.10
"""Share of wrong words up to which a language counts as spoken."""
FILMED = 4
"""Clips a language, of three sentences each: an offset needs four seconds to be found."""
SIDE_PX, FPS = 320, 25


@dataclass(frozen=True)
class Language:
    """What was heard of a language, and how well a mouth follows it."""

    code: str
    words: int
    wrong: int
    misheard: tuple[tuple[str, str], ...]
    spoken_s: float
    processor_s: float
    lips: tuple[float, ...]
    offsets_ms: tuple[float, ...]


def edits(said: list[str], heard: list[str]) -> int:
    """Words to put in, take out or change: Levenshtein distance of two lists."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, start=1):
        before, row = row, [number]
        for at, other in enumerate(heard, start=1):
            row.append(min(before[at] + 1, row[-1] + 1, before[at - 1] + (word != other)))
    return row[-1]


def words_of(text: str, normaliser: Normalizer) -> list[str]:
    """Lower-case words with figures written out, without signs."""
    return re.findall(r"\w+", unicodedata.normalize("NFC", normaliser.normalize(text).lower()))


async def measured(language: str, speech: LocalSpeech, ears: Recogniser, models_dir: Path, folder: Path) -> Language:
    """Speak all sentences, hear them, film some."""
    normaliser = Normalizer("tn", lang=language)
    sentences = (DATA / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    words = wrong = 0
    spoken_s = processor_s = 0.0
    misheard, lips, offsets = [], [], []
    for number, sentence in enumerate(sentences):
        began = time.process_time()
        spoken = await speech.speak(SpeechRequest(sentence, language, "default", 1.0))
        processor_s += time.process_time() - began
        spoken_s += spoken.duration_s
        wav = folder / f"{language}-{number}.wav"
        wav.write_bytes(spoken.wav)
        heard = ears.hear(wav, language)
        said = words_of(sentence, normaliser)
        distance = edits(said, words_of(heard, normaliser))
        words, wrong = words + len(said), wrong + distance
        if distance:
            misheard.append((sentence, heard.strip()))
        sys.stderr.write(f"{language} {number + 1}/{len(sentences)}: {wrong} of {words} words wrong\n")
    for number in range(FILMED):
        said_at_once = " ".join(sentences[3 * number : 3 * number + 3])
        spoken = await speech.speak(SpeechRequest(said_at_once, language, "default", 1.0))
        correlation, offset_ms = await _lips(folder / f"{language}-film-{number}.wav", spoken, models_dir)
        lips.append(correlation)
        offsets.append(offset_ms)
    return Language(language, words, wrong, tuple(misheard), spoken_s, processor_s, tuple(lips), tuple(offsets))


async def _lips(wav: Path, spoken: Spoken, models_dir: Path) -> tuple[float, float]:
    """Correlation of the drawn presenter's lips with the sounds, and their offset in ms."""
    await asyncio.to_thread(wav.write_bytes, spoken.wav)
    clip, screen = wav.with_suffix(".mp4"), VideoFormat(SIDE_PX, SIDE_PX, FPS)
    order = Order(SAMPLE_PORTRAIT, "mira", Model.AUTO, screen, wav, spoken.words, spoken.phones, 0.0, 5, models_dir)
    render_clip(order, clip)
    seen = await LocalInspector(models_dir).inspect(Subject(clip, SAMPLE_PORTRAIT, wav, tuple(spoken.phones)))
    assert seen.mouth is not None
    assert seen.mouth.sync is not None, "the face finder found no mouth to measure"
    return seen.mouth.sync.correlation, seen.mouth.sync.offset_ms


def section(one: Language, *, load: float) -> str:
    """The section of a language on the page."""
    share = one.wrong / one.words
    slips = "\n".join(f"- {said} *{heard}*" for said, heard in one.misheard)
    told = f"Sentences that were not heard word for word:\n\n{slips}" if slips else "All were heard as they were."
    enough = "yes" if share <= MOST_WRONG else "no"
    lips, offset_ms, pace = median(one.lips), median(one.offsets_ms), one.processor_s / one.spoken_s
    return (
        f"{taken(COMMAND, load=load)}\n\n"
        "| language | words misheard | at most one of ten | lips r | offset ms | processor s a spoken s |\n"
        "|---|---|---|---|---|---|\n"
        f"| {one.code} | {one.wrong} of {one.words} ({100 * share:.1f} %) | {enough} | {lips:.2f} | {offset_ms:+.0f} | "
        f"{pace:.2f} |\n\n{told}"
    )


async def main(page: Path, models_dir: Path, languages: Sequence[str]) -> None:
    """Hear languages back, one after the other; each has its section at once."""
    with tempfile.TemporaryDirectory(prefix="voices-") as place:
        ears, speech = Recogniser(Path(place) / "whisper"), LocalSpeech(models_dir)
        for language in languages:
            load = os.getloadavg()[0]
            found = await measured(language, speech, ears, models_dir, Path(place))
            put(page, f"voices-{language}", section(found, load=load), command=COMMAND, title=TITLE)


if __name__ == "__main__":
    wanted = sys.argv[2:] or [*PACKS, "en"]
    asyncio.run(main(Path(sys.argv[1]), load_settings().models_dir.expanduser(), wanted))
