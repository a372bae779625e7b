"""Recogniser of visitors' speech, as the settings say."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from app.author_errors import SpeechUnavailableError
from app.conversation.visitor_speech.recognition import RecognitionQueue
from app.runtime.settings.site import Settings

log = structlog.get_logger()


def open_recognition(settings: Settings) -> RecognitionQueue | None:
    """Return the queue of the site's recogniser; None if it hears no visitors. Nothing is loaded.

    Raises:
        SettingsError: it is to hear them, and the extra `ears` is not installed.
    """
    if not settings.speech_seats:
        return None
    from app.adapters.ears.visitors import VisitorRecogniser  # noqa: PLC0415 - only sites that hear visitors

    recogniser = VisitorRecogniser(settings.models_dir.expanduser(), at_once=settings.speech_seats)
    return RecognitionQueue(recogniser, at_once=settings.speech_seats)


@asynccontextmanager
async def warmed(speech: RecognitionQueue | None) -> AsyncIterator[None]:
    """Load the recogniser in the background: the server answers other requests meanwhile, and goes on without it."""
    task = asyncio.create_task(_load(speech), name="load the ears") if speech else None
    try:
        yield
    finally:
        if task:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _load(speech: RecognitionQueue) -> None:
    try:
        await speech.load()
    except SpeechUnavailableError as error:
        log.warning("ears.failed", error=repr(error.__cause__))
        return
    log.info("ears.loaded")
