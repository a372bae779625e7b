"""Sound that an author recorded: found beside the intent, measured, named by digest."""

from pathlib import Path

from app.adapters.files.avatars import asset
from app.adapters.files.reader import Reader
from app.catalog.findings import Complaint
from app.catalog.model import IntentFile, Recording

ENDINGS = (".wav", ".mp3")

Recordings = dict[str, tuple[Recording, ...]]


def read_recordings(reader: Reader, root: Path, file: str, described: IntentFile) -> Recordings:
    """By locale, the first for the first variant of the answer; what cannot be used is a finding."""
    return {locale: _read(reader, root, file, described, locale=locale) for locale in described.audio}


def _read(reader: Reader, root: Path, file: str, described: IntentFile, *, locale: str) -> tuple[Recording, ...]:
    names, variants = described.audio[locale], described.answer.get(locale, ())
    if len(names) > len(variants):
        message = f"Expected at most {len(variants)} recordings, one a variant of the answer, got {len(names)}."
        hint = f"Write down under `answer: {locale}:` what each one says: captions and matching need the words."
        reader.complain(file, Complaint("recording-extra", ("audio", locale), message, hint))
        return ()
    found = [_recording(reader, root, file, name=name, path=("audio", locale, at)) for at, name in enumerate(names)]
    return tuple(one for one in found if one is not None)


def _recording(reader: Reader, root: Path, file: str, *, name: str, path: tuple[str | int, ...]) -> Recording | None:
    found = asset(reader, root, file, name=name, path=path, beside="the intent")
    if found is None:
        return None
    target, digest = found
    duration_s = _duration_s(target) if target.suffix.lower() in ENDINGS else 0.0
    if duration_s <= 0:
        message = f"Expected a recording as WAV or MP3, got `{name}`, in which there is no sound."
        reader.complain(file, Complaint("recording-unreadable", path, message, "Save it again as WAV or MP3."))
        return None
    return Recording(path=str(target), digest=digest, duration_s=round(duration_s, 3))


def _duration_s(path: Path) -> float:
    """How long the sound lasts, counted and not taken from the file's word for it; 0 for what is none."""
    import av  # noqa: PLC0415  heavy, and most catalogs have no recordings

    try:
        with av.open(str(path)) as file:
            frames = file.decode(audio=0) if file.streams.audio else iter(())
            return float(sum(frame.samples / frame.sample_rate for frame in frames))
    except (av.FFmpegError, ValueError):
        return 0.0
