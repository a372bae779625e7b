"""Whisper base for visitors' questions, with Silero's detector of speech in front; both come with the extra `ears`."""

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.adapters.ears.whisper import is_installed, joined
from app.conversation.visitor_speech.recognition import HeardQuestion
from app.conversation.visitor_speech.sound import RATE, SpokenQuestion
from app.errors import SettingsError

Samples = npt.NDArray[np.float32]

_FRAMES_PER_S = 100
"""Frames of the spectrum a second."""

_SHORT_S, _BESIDE_S, _WHOLE_S = 8.0, 4.0, 30.0
"""Window that is heard: at least the first, and so much more than the speech; the model was trained on the last.

A short window costs a sixth. In one that is barely longer than its speech the model says everything again and again;
`docs/benchmarks.md` has the figures.
"""

_SURE = 0.5
"""Confidence below which the whole window is heard as well, and the surer one taken."""

_MOST_PIECES = 96
"""Word pieces of an answer: 20 s of fast speech have fewer."""

_SILENT = 0.6
"""Probability of silence from which unsure words are taken for an invention."""

_QUIET_MS, _PAD_MS, _SPOKEN_MS = 300, 150, 150
"""Silence that ends a stretch of speech, what is kept around it, and the shortest that counts."""


@dataclass(frozen=True, slots=True)
class _Guess:
    text: str
    confidence: float
    silence: float
    is_whole: bool

    @property
    def is_sound(self) -> bool:
        """Return whether it came to its end without saying the same again."""
        words = self.text.lower().split()
        half = len(words) // 2
        return self.is_whole and not (half > 1 and words[:half] == words[half : 2 * half])


class VisitorRecogniser:
    """Recogniser with one thread, and one processor core, for each of `at_once` sounds; loaded at the first one.

    Raises:
        SettingsError: the extra is not installed.
    """

    def __init__(self, models_dir: Path, *, at_once: int) -> None:
        if not is_installed():
            raise SettingsError(
                "Visitors cannot be heard: install the extra `ears`, `pip install 'greenroom[ears]'`, or set "
                "GREENROOM_SPEECH_SEATS to 0."
            )
        self._folder = models_dir / "ears"
        self._at_once = at_once
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="visitor-ears")
        self._loading = asyncio.Lock()
        self._model: Any = None
        self._languages: frozenset[str] = frozenset()

    @property
    def languages(self) -> frozenset[str]:
        """Languages of Whisper; none before it is loaded."""
        return self._languages

    async def load(self) -> None:
        """Load the model and its languages, once, in a thread."""
        async with self._loading:
            if self._model is None:
                self._model = await asyncio.get_running_loop().run_in_executor(self._threads, self._open)

    async def recognise(self, question: SpokenQuestion, language: str) -> HeardQuestion:
        """Hear in a thread of the recogniser's own."""
        await self.load()
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hear, question, language)

    def _open(self) -> Any:
        from faster_whisper import WhisperModel  # noqa: PLC0415 - it is an extra, and slow to import

        folder = str(joined(self._folder))
        how = {"device": "cpu", "compute_type": "int8", "cpu_threads": 1, "num_workers": self._at_once}
        model = WhisperModel(folder, local_files_only=True, **how)
        self._languages = frozenset(model.supported_languages)
        return model

    def _hear(self, question: SpokenQuestion, language: str) -> HeardQuestion:
        sound: Samples = np.frombuffer(question.samples, np.int16).astype(np.float32) / np.float32(32768)
        spoken = _speech(sound)
        if not spoken:
            return HeardQuestion("", 0.0, 0.0, round(question.seconds, 2))
        begin, end, speech_s = spoken
        guess = self._best(sound[begin:end], language)
        is_invented = guess.silence > _SILENT and guess.confidence < _SURE
        text = "" if is_invented or not guess.is_sound else guess.text
        silence_s = question.seconds - end / RATE
        return HeardQuestion(text, round(guess.confidence, 3), round(speech_s, 2), round(max(0.0, silence_s), 2))

    def _best(self, sound: Samples, language: str) -> _Guess:
        """Hear a short window; where that is doubtful, the whole one, too."""
        first = self._guess(sound, language, max(_SHORT_S, len(sound) / RATE + _BESIDE_S))
        if first.is_sound and first.confidence >= _SURE:
            return first
        whole = self._guess(sound, language, _WHOLE_S)
        return max(first, whole, key=lambda guess: (guess.is_sound, guess.confidence))

    def _guess(self, sound: Samples, language: str, window_s: float) -> _Guess:
        from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415

        model = self._model
        tokenizer = Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language)
        spectrum = model.feature_extractor(sound)[:, : int(window_s * _FRAMES_PER_S)]
        lacking = int(min(window_s, _WHOLE_S) * _FRAMES_PER_S) - spectrum.shape[1]
        encoded = model.encode(np.pad(spectrum, ((0, 0), (0, max(0, lacking)))))
        prompt = model.get_prompt(tokenizer, [], without_timestamps=True)
        (found,) = model.model.generate(
            encoded,
            [prompt],
            beam_size=1,
            max_length=len(prompt) + _MOST_PIECES,
            return_scores=True,
            return_no_speech_prob=True,
        )
        pieces = found.sequences_ids[0]
        text = " ".join(tokenizer.decode(pieces).split())
        return _Guess(text, math.exp(found.scores[0]), found.no_speech_prob, len(pieces) < _MOST_PIECES)


def _speech(sound: Samples) -> tuple[int, int, float] | None:
    """Return where somebody begins and ends to speak, in samples, and for how many seconds; None if nobody does."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # noqa: PLC0415 - it is an extra

    options = VadOptions(min_speech_duration_ms=_SPOKEN_MS, min_silence_duration_ms=_QUIET_MS, speech_pad_ms=_PAD_MS)
    found = get_speech_timestamps(sound, options)
    if not found:
        return None
    seconds = sum(one["end"] - one["start"] for one in found) / RATE
    return found[0]["start"], found[-1]["end"], seconds
