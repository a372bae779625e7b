"""How many words of spoken questions are heard wrongly, at what cost, and what is said of a noise?

`python -m tests.benchmarks.spoken_questions.hear docs/benchmarks/spoken-questions.md en es`: the questions of `data/`
are spoken by the local voice, plain and in white noise 10 dB below it, and heard as `POST /v1/listen` hears them.
"""

import asyncio
import os
import re
import sys
import time
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from app.adapters.ears.visitors import VisitorRecogniser
from app.adapters.local.speech import LocalSpeech
from app.conversation.visitor_speech.sound import RATE, SpokenQuestion
from app.rendering.ports import SpeechRequest
from app.runtime.settings.site import load_settings
from tests.benchmarks.page import put, quantile, taken

COMMAND, TITLE = "make bench-spoken-questions", "Spoken questions"
DATA = Path(__file__).parent / "data"
NOISE_DB = 10.0
SILENCE_S = 0.8
"""What the widget sends after the last voice."""

Sound = npt.NDArray[np.float64]


@dataclass
class Heard:
    """What came of a set of questions."""

    words: int = 0
    wrong: int = 0
    sound_s: float = 0.0
    processor_s: float = 0.0
    waits_s: list[float] = field(default_factory=list)
    misheard: list[tuple[str, str, float]] = field(default_factory=list)


def plain(text: str) -> list[str]:
    """Return a text's words without case, accents and punctuation: a matcher sees neither."""
    letters = unicodedata.normalize("NFKD", text.lower())
    return re.findall(r"[a-z0-9']+", "".join(c for c in letters if not unicodedata.combining(c)))


def in_noise(sound: Sound, decibels: float) -> Sound:
    """Return a sound in white noise so many decibels below it."""
    level = float(np.sqrt(np.mean(sound**2))) / 10 ** (decibels / 20)
    return sound + np.random.default_rng(0).normal(0, level, len(sound))


async def spoken(voice: LocalSpeech, text: str, locale: str) -> Sound:
    """Return a sentence at 16 kHz."""
    wav = (await voice.speak(SpeechRequest(text, locale, "default", 1.0))).wav
    sound = np.frombuffer(wav[44:], "<i2").astype(np.float64) / 32768
    return sound[: len(sound) // 3 * 3].reshape(-1, 3).mean(axis=1)


async def hear(recogniser: VisitorRecogniser, sound: Sound, text: str, locale: str, into: Heard) -> None:
    """Hear one question and count."""
    whole = np.clip(np.concatenate([sound, np.zeros(int(SILENCE_S * RATE))]), -1, 1)
    question = SpokenQuestion((whole * 32767).astype("<i2").tobytes())
    began, busy = time.monotonic(), time.process_time()
    heard = await recogniser.recognise(question, locale)
    into.processor_s += time.process_time() - busy
    into.waits_s.append(time.monotonic() - began)
    said = plain(text)
    wrong = Levenshtein.distance(said, plain(heard.text))
    into.words, into.wrong, into.sound_s = into.words + len(said), into.wrong + wrong, into.sound_s + question.seconds
    if wrong:
        into.misheard.append((text, heard.text, heard.confidence))


async def measured(locale: str) -> str:
    """Return a language's section."""
    models = load_settings().models_dir.expanduser()
    voice, recogniser = LocalSpeech(models), VisitorRecogniser(models, at_once=1)
    await recogniser.load()
    texts = (DATA / f"{locale}.txt").read_text().splitlines()
    sounds = [await spoken(voice, text, locale) for text in texts]
    rows, lines = [], []
    for name, decibels in (("plain", None), ("in noise", NOISE_DB)):
        heard = Heard()
        for text, sound in zip(texts, sounds, strict=True):
            heard_in = sound if decibels is None else in_noise(sound, decibels)
            await hear(recogniser, heard_in, text, locale, heard)
        each = f"{heard.processor_s / len(texts):.2f} | {heard.processor_s / heard.sound_s:.2f}"
        waits = f"{quantile(heard.waits_s, 0.5):.2f} | {quantile(heard.waits_s, 0.95):.2f}"
        share = 100 * heard.wrong / heard.words
        rows.append(f"| {name} | {len(texts)} | {heard.wrong} of {heard.words} ({share:.1f} %) | {each} | {waits} |")
        lines += [f'- {name}: "{said}" heard as "{got}" ({sure:.2f})' for said, got, sure in heard.misheard]
    head = "| questions | number | words wrong | processor s each | a second of sound | s to the words, median | 95 % |"
    return "\n".join([f"`{locale}`:", "", head, "|---|---|---|---|---|---|---|", *rows, "", *lines])


async def main(page: Path, locales: list[str]) -> None:
    """Measure and write the page."""
    load = os.getloadavg()[0]
    for locale in locales:
        text = f"{taken(COMMAND, load=load)}\n\n{await measured(locale)}"
        put(page, f"spoken-questions-{locale}", text, command=COMMAND, title=TITLE)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:] or ["en", "es"]))
