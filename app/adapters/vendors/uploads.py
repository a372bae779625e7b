"""Uploads to a provider: a portrait, a sound or an idle loop, in a form and size that it takes."""

import io
import wave
from dataclasses import dataclass, field
from pathlib import Path

from app.digest import digest_bytes
from app.errors import LimitExceededError, MediaError, PortraitError
from app.rendering.media.preflight import check_size
from app.rendering.ports import Capabilities, RenderJob

_MP3_BITS = 192_000
_PICTURES = {
    b"\x89PNG\r\n\x1a\n": ("png", "image/png"),
    b"\xff\xd8\xff": ("jpeg", "image/jpeg"),
}


@dataclass(frozen=True, slots=True)
class Upload:
    """File for a provider. `lasting` ones are the same for many jobs and need not be uploaded each time."""

    name: str
    content: bytes = field(repr=False)
    media_type: str
    lasting: bool = False

    @property
    def kind(self) -> str:
        """Return `image`, `audio` or `video`."""
        return self.media_type.partition("/")[0]


def visual_of(job: RenderJob, facts: Capabilities) -> Upload:
    """Return the idle loop where the provider works from one and there is one, else the portrait.

    Blocks: call it in a thread.

    Raises:
        PortraitError: the provider takes neither, or not in this form or size.
    """
    if "video" in facts.visuals and job.video is not None:
        content = job.video.read_bytes()
        return Upload(f"{digest_bytes(content)[:16]}.mp4", content, "video/mp4", lasting=True)
    if "image" not in facts.visuals:
        raise PortraitError(
            f"Cannot render a picture with `{facts.name}`: film the avatar's idle loop with another renderer first."
        )
    return _portrait(job.portrait, facts)


def sound_of(job: RenderJob, facts: Capabilities) -> Upload:
    """Return the job's speech, named by its token.

    Padded if it is too short, as MP3 if a WAV would be too large.

    Blocks: call it in a thread.

    Raises:
        LimitExceededError: it is longer or larger than the provider takes.
        MediaError: it cannot be read.
    """
    if job.speech_wav is None:
        raise LimitExceededError(
            f"Cannot render with `{facts.name}` without sound; use another renderer for the idle loop."
        )
    wav, duration_s = _padded(job.speech_wav, facts.min_duration_s)
    if duration_s > facts.max_duration_s:
        raise LimitExceededError(
            f"`{facts.name}` takes up to {facts.max_duration_s:g} s of sound, this has {duration_s:.1f} s; shorten it."
        )
    limit = facts.max_audio_bytes or len(wav)
    if "wav" in facts.audio_formats and len(wav) <= limit:
        return Upload(f"{job.token}.wav", wav, "audio/wav")
    smaller = _mp3(wav)
    if len(smaller) > limit:
        raise LimitExceededError(f"`{facts.name}` takes {limit} bytes of sound, this has {len(smaller)}; shorten it.")
    return Upload(f"{job.token}.mp3", smaller, "audio/mpeg")


def _portrait(path: Path, facts: Capabilities) -> Upload:
    content = path.read_bytes()
    kind, media_type = _picture_kind(content)
    if kind not in facts.image_formats:
        raise PortraitError(
            f"`{facts.name}` takes portraits as {', '.join(facts.image_formats)}, `{path.name}` is {kind}; convert it."
        )
    if facts.max_image_bytes is not None and len(content) > facts.max_image_bytes:
        raise PortraitError(
            f"`{facts.name}` takes {facts.max_image_bytes} bytes, portrait `{path.name}` has {len(content)}; shrink it."
        )
    check_size(path.name, content, facts)
    extension = "jpg" if kind == "jpeg" else kind
    return Upload(f"{digest_bytes(content)[:16]}.{extension}", content, media_type, lasting=True)


def _picture_kind(content: bytes) -> tuple[str, str]:
    for magic, kind in _PICTURES.items():
        if content.startswith(magic):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp", "image/webp"
    return "in another format", "application/octet-stream"


def _padded(path: Path, least_s: float) -> tuple[bytes, float]:
    """Return the WAV's bytes and seconds, with silence appended up to `least_s`."""
    try:
        with wave.open(str(path)) as sound:
            shape, frames = sound.getparams(), sound.readframes(sound.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise MediaError(f"Expected speech as a WAV file, got {path.name!r} ({error}).") from error
    missing = round(least_s * shape.framerate) - shape.nframes
    if missing <= 0:
        return path.read_bytes(), shape.nframes / shape.framerate
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setparams(shape)
        out.writeframes(frames + bytes(missing * shape.sampwidth * shape.nchannels))
    return buffer.getvalue(), least_s


def _mp3(wav: bytes) -> bytes:
    buffer = io.BytesIO()
    import av  # noqa: PLC0415 - for the few vendors that take no WAV

    with av.open(io.BytesIO(wav)) as source, av.open(buffer, "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=48_000, layout="mono")
        stream.bit_rate = _MP3_BITS
        resampler = av.AudioResampler(
            format=stream.format, layout="mono", rate=48_000, frame_size=stream.frame_size or 1152
        )
        for frame in source.decode(audio=0):
            for part in resampler.resample(frame):
                out.mux(stream.encode(part))
        for part in resampler.resample(None):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return buffer.getvalue()


def marked(reference: str, token: str) -> str:
    """Return the reference of a sound with the attempt's token in it, which a list of jobs is searched for.

    Providers keep a file's name in its address or replace it; a fragment stays on the machine that fetches.
    """
    return reference if token in reference or not reference.startswith("http") else f"{reference}#{token}"
