"""Responders for new questions: the chat model or the documents, moderated, shared and counted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from app.adapters.responders.chat import ChatResponder
from app.adapters.responders.documents import KnowledgeResponder
from app.adapters.responders.moderation import MODEL as MODERATION_MODEL
from app.adapters.responders.moderation import OpenAIModeration, WordList
from app.adapters.sql.audit import SqlAudit
from app.adapters.sql.engine import Database
from app.adapters.sql.quota import SqlQuota
from app.catalog.model import Catalog
from app.conversation.clip_source import session_cap
from app.conversation.rate_limits import GenerationCaps
from app.conversation.responders import FallbackResponder, ModeratedResponder, Moderator, SharedResponder
from app.matching.ports import Encoder
from app.rendering.ledger.calls_meter import CallAccount
from app.rendering.ledger.port import Cap
from app.rendering.tariffs import CallKind
from app.rendering.work.studio import Studio
from app.runtime.settings.site import Settings
from app.runtime.settings.vendors import VendorSettings, call_prices
from app.runtime.wiring.answer_switch import AnswerSwitch
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.studio import session_limit

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SiteResponders:
    """Responder of a catalog, and the documents that it answers from."""

    knowledge: KnowledgeResponder
    responder: SharedResponder


@asynccontextmanager
async def open_responders(
    settings: Settings, catalog: Catalog, encoder: Encoder, studio: Studio
) -> AsyncIterator[SiteResponders]:
    """Open the catalog's responder; its connections are closed at the end.

    What its requests cost is booked in the studio's ledger, under the caps of day and session.

    Raises:
        SettingsError: the list of blocked words cannot be read.
    """
    knowledge = open_documents(catalog, encoder)
    listed = [WordList.read(Path(settings.blocked_words))] if settings.blocked_words else []
    quoting = ModeratedResponder(knowledge, listed, words=False)
    access = VendorSettings().access("openai")
    if catalog.fallback.responder != "chat" or not (access.key or access.base_url):
        if catalog.fallback.responder == "chat":
            log.warning(
                "chat.without_key", remedy="set OPENAI_API_KEY or OPENAI_BASE_URL; documents are quoted instead"
            )
        yield SiteResponders(knowledge, SharedResponder(quoting, knowledge.quotes, SystemClock().monotonic))
        return
    talking, judging = _accounts(settings, catalog, studio, own_server=bool(access.base_url))
    most_s = catalog.fallback.max_generated_s
    offers = {one.id: one.title for one in catalog.intents if one.id in catalog.fallback.calls and one.call}
    chat = ChatResponder(access, knowledge, talking, model=settings.chat_model, most_s=most_s, offers=offers)
    remote = OpenAIModeration(access, judging) if settings.moderation == "openai" else None
    moderators: list[Moderator] = [*listed, *([remote] if remote else [])]
    answering = FallbackResponder(ModeratedResponder(chat, moderators), quoting)
    try:
        yield SiteResponders(knowledge, SharedResponder(answering, knowledge.quotes, SystemClock().monotonic))
    finally:
        await chat.aclose()
        if remote:
            await remote.aclose()


def open_documents(catalog: Catalog, encoder: Encoder) -> KnowledgeResponder:
    """Return what answers from the catalog's documents; it knows none where nothing is to answer from them."""
    return KnowledgeResponder(catalog.documents if catalog.fallback.responder != "none" else (), encoder)


def _accounts(
    settings: Settings, catalog: Catalog, studio: Studio, *, own_server: bool
) -> tuple[CallAccount, CallAccount]:
    """Return the accounts of chat and moderation; a server of the operator's own judges as free as it talks."""
    limit = session_limit(settings, catalog.budget)

    def caps(session: str | None) -> tuple[Cap, ...]:
        standing = tuple(studio.standing_caps(studio.clock()))
        return standing if session is None else (*standing, session_cap(session, limit))

    prices = call_prices(settings)["openai"]
    talking = prices.tariff(CallKind.CHAT, "openai", settings.chat_model, own_server=own_server)
    judging = prices.tariff(CallKind.MODERATION, "openai", MODERATION_MODEL, own_server=own_server)
    if talking.free and not judging.per_million:
        judging = replace(judging, basis="own")
    return CallAccount(talking, studio.meter, caps), CallAccount(judging, studio.meter, caps)


def open_generation_caps(settings: Settings, database: Database) -> GenerationCaps:
    """Return the caps on new answers."""
    return GenerationCaps(
        SqlQuota(database),
        SystemClock().now,
        per_session=settings.answers_per_session,
        per_address=settings.answers_per_address_day,
        per_day=settings.answers_per_day,
        paused=AnswerSwitch(SqlAudit(database)).pause,
    )
