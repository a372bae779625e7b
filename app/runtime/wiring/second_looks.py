"""Chat models beside the responders: of second looks, if a catalog names one; of phrases and answers for authors."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal

import structlog

from app.adapters.http.endpoint import Access
from app.adapters.responders.chat import ChatResponder
from app.adapters.responders.phrases import ChatPhrases
from app.adapters.responders.second_look import ChatSecondLook, request_body
from app.catalog.model import Catalog, Intent
from app.errors import SettingsError
from app.matching.ports import Encoder, SecondLook
from app.matching.second_look import look_requests
from app.rendering.ledger.calls_meter import CallAccount
from app.rendering.tariffs import CallKind, Tariff, Usage
from app.rendering.work.studio import Studio
from app.runtime.settings.site import Settings
from app.runtime.settings.vendors import VendorSettings, call_prices
from app.runtime.wiring.responders import open_documents
from app.runtime.wiring.site import open_site

log = structlog.get_logger()

_BYTES_A_TOKEN = 4
_USUAL_TOKENS = 10
"""Tokens of a verdict by a model that does not think first."""


@asynccontextmanager
async def open_second_look(settings: Settings, catalog: Catalog, studio: Studio) -> AsyncIterator[SecondLook | None]:
    """Open the model that takes second looks; None if the catalog names none, or nothing serves it.

    What its requests cost is booked in the studio's ledger, under the caps of the day.
    """
    model, access = catalog.matching.second_look, VendorSettings().access("openai")
    if model is None or not (access.key or access.base_url):
        if model is not None:
            log.warning("second_look.without_key", remedy="set OPENAI_API_KEY or OPENAI_BASE_URL; nobody is asked")
        yield None
        return
    tariff = look_tariff(settings, model)
    account = CallAccount(tariff, studio.meter, lambda _: tuple(studio.standing_caps(studio.clock())))
    looking = ChatSecondLook(access, account, model=model)
    try:
        yield looking
    finally:
        await looking.aclose()


@asynccontextmanager
async def second_look_for(settings: Settings, catalog: Catalog) -> AsyncIterator[SecondLook | None]:
    """Open the model for a command, with the site's ledger; nothing is opened if the catalog names none."""
    if catalog.matching.second_look is None:
        yield None
        return
    async with open_site(settings) as site, open_second_look(settings, catalog, site.studio) as looking:
        yield looking


def look_tariff(settings: Settings, model: str) -> Tariff:
    """Return the price of a model's second looks."""
    own_server = bool(VendorSettings().access("openai").base_url)
    return call_prices(settings)["openai"].tariff(CallKind.CHAT, "openai", model, own_server=own_server)


def usual_price(settings: Settings, catalog: Catalog) -> Decimal:
    """Return what one second look usually costs, by the length of this catalog's phrases and answers."""
    model = catalog.matching.second_look or ""
    sizes = [len(str(request_body(one, model)).encode()) for one in look_requests(catalog)]
    tokens = sum(sizes) // max(1, len(sizes)) // _BYTES_A_TOKEN
    return look_tariff(settings, model).price(Usage(tokens, _USUAL_TOKENS))


@asynccontextmanager
async def open_phrase_model(
    settings: Settings, studio: Studio
) -> AsyncIterator[Callable[[Intent, str], Awaitable[Sequence[str]]]]:
    """Open the site's chat model (`GREENROOM_CHAT_MODEL`); what it costs is booked under the caps of the day.

    Raises:
        SettingsError: no key and no server of one's own is set.
    """
    model = ChatPhrases(*_authors_model(settings, studio), model=settings.chat_model)
    try:
        yield model.phrases
    finally:
        await model.aclose()


@asynccontextmanager
async def open_answer_model(
    settings: Settings, catalog: Catalog, encoder: Encoder, studio: Studio
) -> AsyncIterator[Callable[[str, str], Awaitable[str]]]:
    """Open the site's chat model for answers that authors look at; it says only what the documents say.

    The function takes a question and its locale. Its text is empty where the documents have nothing.

    Raises:
        SettingsError: no key and no server of one's own is set.
    """
    access, account = _authors_model(settings, studio)
    documents, most_s = open_documents(catalog, encoder), catalog.fallback.max_generated_s
    model = ChatResponder(access, documents, account, model=settings.chat_model, most_s=most_s)

    async def words(question: str, locale: str) -> str:
        return "".join([piece async for piece in model.respond(question, locale=locale)]).strip()

    try:
        yield words
    finally:
        await model.aclose()


def _authors_model(settings: Settings, studio: Studio) -> tuple[Access, CallAccount]:
    """Return the way to the site's chat model, and what its requests are booked on."""
    access = VendorSettings().access("openai")
    if not (access.key or access.base_url):
        raise SettingsError(
            "Expected a chat model, got none; set OPENAI_API_KEY, or OPENAI_BASE_URL for your own server."
        )
    tariff = look_tariff(settings, settings.chat_model)
    return access, CallAccount(tariff, studio.meter, lambda _: tuple(studio.standing_caps(studio.clock())))
