"""Questions for the command line: the same service as the server's, over the site's database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from app.adapters.sql.questions.book import SqlQuestionBook
from app.learning.questions.questions import Progress, Questions
from app.matching.ports import Encoder
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.database import open_database
from app.runtime.wiring.store_and_encoder import encoders_for, open_catalog
from app.runtime.wiring.turn_log import open_turn_log


@asynccontextmanager
async def open_questions(settings: Settings, *, progress: Progress | None = None) -> AsyncIterator[Questions]:
    """Open the site's questions; the catalog and its encoder are read only if something is to be grouped.

    Raises:
        SettingsError, StateUnavailableError: the database cannot be used.
    """

    @cache
    def encoder() -> Encoder:
        return encoders_for(settings, open_catalog(settings)).plain

    async with open_database(settings) as database:
        questions = Questions(
            book=SqlQuestionBook(database),
            turns=open_turn_log(settings, database),
            encoder=encoder,
            now=SystemClock().now,
            visitors=settings.question_visitors,
            progress=progress,
        )
        try:
            yield questions
        finally:
            await questions.aclose()
