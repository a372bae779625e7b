"""Author's recordings as speech: trimmed and levelled like every sound, and free of cost."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from app.adapters.speech.word_times import Level, words_spread
from app.digest import digest_bytes
from app.errors import ProviderRefusedError
from app.rendering.plan.providers import RECORDED
from app.rendering.ports import SpeechRequest, Spoken


class RecordedSpeech:
    """Speech from the catalog's own sound files; `request.voice` is the digest of one.

    Args:
        files: path of each file, by the digest of its bytes.
        level: finishes the sound, see `Level`.
    """

    name = RECORDED
    version = "1"

    def __init__(self, files: Mapping[str, Path], level: Level) -> None:
        self._files = files
        self._level = level

    async def speak(self, request: SpeechRequest) -> Spoken:
        """Read the recording; its words are spread over it by their length.

        Raises:
            ProviderRefusedError: there is none, or it has changed since the catalog was loaded.
            MediaError: it is no sound.
        """
        path = self._files.get(request.voice)
        content = b"" if path is None else await asyncio.to_thread(_read, path)
        if path is None or digest_bytes(content) != request.voice:
            raise ProviderRefusedError(
                f"Expected a recording of {request.text[:60]!r} in the catalog, got none or another one; name it "
                "under `audio:`, load the catalog again, or name another `voice`.",
                reason="input",
            )
        spoken = await asyncio.to_thread(self._level, content, ())
        return Spoken(spoken.wav, spoken.duration_s, words_spread(request.text, spoken.duration_s))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
