"""Text to speech with exact phoneme times, offline: the voice inside the `hibari-tts` wheel (Apache-2.0).

Its graph computes each phoneme's duration but does not return it. Here that inner tensor's name is appended
to the model's list of outputs: a repeated message field is merged by every protobuf reader, so a few bytes
are enough and nothing is rewritten on disk.
"""

import asyncio
import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.adapters.local import audio
from app.adapters.local import phones as phonetics
from app.adapters.local.audio import RATE, Curve, Samples, normalise
from app.adapters.local.kokoro.packs import PACKS, folder_of
from app.adapters.local.kokoro.packs import spoken_languages as added_languages
from app.adapters.local.kokoro.phonemes import is_installed
from app.adapters.local.kokoro.voice import KokoroVoice
from app.adapters.local.onnx_tap import tap
from app.adapters.local.phones import marked_words, own_alphabet, shift, within
from app.adapters.local.raw_speech import RawSpeech, checked_speed
from app.adapters.local.versions import VOICE_VERSION
from app.catalog.spoken.form import without_phonemes
from app.errors import ProviderRefusedError, SettingsError
from app.rendering.ports import SpeechRequest, Spoken, TimedSpan

GRAPH_SHA256 = "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"
_DURATION_TENSOR = "/Clip_output_0"
_WAY_OUT = "install exactly hibari-tts==0.2.1"


class Voice:
    """Loaded voice; same text, speed and seed give the same sound.

    Raises:
        SettingsError: the installed graph is not the one whose tensor is known, or its figures do not add up.
    """

    def __init__(self) -> None:
        import onnxruntime as ort  # noqa: PLC0415 - half a second with the next that only a voice in use should cost
        from hibari import Hibari  # noqa: PLC0415

        self._tts = Hibari(threads=1)
        graph = Path(self._tts.model_path).read_bytes()
        check_graph(graph)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = ort.InferenceSession(tap(graph, _DURATION_TENSOR), options, providers=["CPUExecutionProvider"])
        self._check_durations()

    def speak(self, text: str, *, speed: float = 1.0, seed: int = 0) -> RawSpeech:
        """Speak English text.

        Raises:
            ProviderRefusedError: nothing in the text can be spoken, or the speed is out of range.
        """
        from hibari import SAMPLE_RATE, dsp  # noqa: PLC0415 - loaded with the voice

        checked_speed(speed)
        text = own_alphabet(text)
        rng = np.random.default_rng(seed)
        sound: list[Samples] = []
        phones: list[TimedSpan] = []
        words: list[TimedSpan] = []
        at_s = 0.0
        for sentence in self._tts.split_sentences(text):
            groups: list[tuple[float, float]] = []
            for symbols in self._tts.phonemize(sentence):
                *spectrum, units = self._run(symbols, speed)
                sound.append(dsp.synth(*(part[0] for part in spectrum), rng))
                ends = at_s + np.cumsum(units.astype(np.float64)) * phonetics.UNIT_S
                marks = [phonetics.PAUSE, *(c for c in symbols if c in self._tts.vocab), phonetics.PAUSE]
                heard, spoken = phonetics.read_symbols(marks, ends, start_s=at_s)
                phones += heard
                groups += spoken
                at_s += len(sound[-1]) / SAMPLE_RATE
            words += self._words(sentence, groups)
        if not any(phone.text != phonetics.PAUSE for phone in phones):
            raise ProviderRefusedError(
                f"Expected English words to speak, got {text[:60]!r}; the local voice speaks English only."
            )
        samples = np.concatenate(sound).astype(np.float32)
        settled = phonetics.settle(phones, samples, SAMPLE_RATE)
        return RawSpeech(samples, SAMPLE_RATE, tuple(settled), tuple(phonetics.shift(words, -phonetics.LAG_S)))

    def phonemes(self, word: str) -> str:
        """Return the phonemes of one word, without stress marks; empty when it cannot be spoken."""
        return "".join(c for c in self._tts.g2p(word) if c in self._tts.vocab and phonetics.is_sound(c))

    def _words(self, sentence: str, groups: list[tuple[float, float]]) -> list[TimedSpan]:
        words = marked_words(sentence)
        counts = [
            max(least, sum(any(map(phonetics.is_sound, heard)) for heard in self._tts.g2p(word).split()))
            for word, least in zip(words, phonetics.spoken_counts(words), strict=True)
        ]
        return phonetics.spread_words([without_phonemes(word) for word in words], counts, groups)

    def _run(self, symbols: str, speed: float) -> list[Curve]:
        feed = {
            "ids": np.asarray([self._tts.ids(symbols)], np.int64),
            "speed": np.asarray([speed], np.float32),
        }
        return list(self._session.run(None, feed))

    def _check_durations(self) -> None:
        *spectrum, units = self._run("hələʊ", 1.0)
        frames = spectrum[0].shape[-1]
        total = int(units.sum())
        if total * 2 != frames:
            raise SettingsError(
                f"Expected durations of {frames / 2:g} units from the voice, got {total!r}; {_WAY_OUT}."
            )


def check_graph(graph: bytes) -> None:
    """Refuse any graph but the known one: the tapped tensor has no stable name.

    Raises:
        SettingsError: another version of the voice is installed.
    """
    found = hashlib.sha256(graph).hexdigest()
    if found != GRAPH_SHA256:
        raise SettingsError(
            f"Expected the voice graph with sha256 {GRAPH_SHA256[:12]}…, got {found[:12]!r}…; {_WAY_OUT}."
        )


VOICES = ("default", "heart")
"""Voice names; `heart` is the voice's own name and the only one inside the wheel."""


def spoken_languages(models_dir: Path) -> tuple[str, ...]:
    """Return the languages spoken here, by the first part of a locale's tag: English, and packs with all parts."""
    return ("en", *(one for one in added_languages(models_dir) if is_installed(one)))


@dataclass(frozen=True, slots=True)
class Utterance:
    """Finished sound (mono, 48 kHz, -16 LUFS) with its words and phonemes, seconds from its start."""

    samples: Samples
    words: tuple[TimedSpan, ...]
    phones: tuple[TimedSpan, ...]

    @property
    def duration_s(self) -> float:
        """Return the length of the sound."""
        return len(self.samples) / RATE


def speak(voice: Voice, text: str, *, speed: float = 1.0) -> Utterance:
    """Speak English, trim both ends, set the loudness; times follow the trim."""
    return finished(voice.speak(text, speed=speed))


def finished(raw: RawSpeech) -> Utterance:
    """Trim both ends and set the loudness; times follow the trim."""
    full = audio.resample(raw.samples, from_rate=raw.rate)
    kept, cut_s = audio.trim(full)
    words, phones = (tuple(within(shift(s, -cut_s), len(kept) / RATE)) for s in (raw.words, raw.phones))
    return Utterance(normalise(kept), words, phones)


class LocalSpeech:
    """Speech provider of this computer: English, and the languages whose pack lies in `models_dir`.

    A voice is loaded at its first sentence; one sentence is spoken at a time.
    """

    name = "local"
    version = VOICE_VERSION

    def __init__(self, models_dir: Path) -> None:
        self._models_dir = models_dir
        self._english: Voice | None = None
        self._others: dict[str, KokoroVoice] = {}
        self._lock = threading.Lock()

    def speaks(self, locale: str) -> bool:
        """Return whether the language is spoken here now."""
        return locale.lower().partition("-")[0] in spoken_languages(self._models_dir)

    async def speak(self, request: SpeechRequest) -> Spoken:
        """Speak the words in a thread.

        Raises:
            ProviderRefusedError: another voice, a language without a pack, or nothing that can be spoken.
            SettingsError: the installed voice is not the known one.
        """
        language = request.locale.lower().partition("-")[0]
        if language == "en" and request.voice not in VOICES:
            raise ProviderRefusedError(f"Expected a local voice of {VOICES}, got {request.voice!r}.")
        if language != "en" and language not in spoken_languages(self._models_dir):
            raise ProviderRefusedError(_unspoken(request.locale, language))
        return await asyncio.to_thread(self._speak, request, language)

    async def warm(self) -> None:
        """Load the voice and its lexicons now, so that the first sentence does not wait for them."""
        await asyncio.to_thread(self._speak, SpeechRequest("Hello.", "en", "default", 1.0), "en")

    def _speak(self, request: SpeechRequest, language: str) -> Spoken:
        with self._lock:
            if language == "en":
                said = speak(self._loaded(), request.text, speed=request.speed)
            else:
                plain = without_phonemes(request.text)
                said = finished(self._other(language).speak(plain, voice=request.voice, speed=request.speed))
        return Spoken(audio.wav_bytes(said.samples), said.duration_s, said.words, said.phones)

    def _loaded(self) -> Voice:
        if self._english is None:
            self._english = Voice()
        return self._english

    def _other(self, language: str) -> KokoroVoice:
        if language not in self._others:
            self._others[language] = KokoroVoice(folder_of(self._models_dir), language)
        return self._others[language]


def _unspoken(locale: str, language: str) -> str:
    if language in PACKS:
        return f"Expected a voice for locale {locale!r}, got none; run `greenroom voices add {language}`."
    return (
        f"Expected a language of the local voice, got locale {locale!r}: it speaks English, and can be taught "
        f"{', '.join(pack.name for pack in PACKS.values())}. Name another `voice.speech` for it; `greenroom say` "
        "speaks with that if you add `--paid`."
    )
