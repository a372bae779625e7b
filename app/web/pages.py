"""Pages for browsers: the demo page, the snippet builder, the widget's files, and the pages about the API."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader

from app.catalog.model import Role
from app.conversation.script import Script
from app.runtime.serving.background_warm import WarmStatus
from app.runtime.serving.container import Container
from app.web.api_reference import reference
from app.web.asyncapi import asyncapi_document
from app.web.deps import State
from app.web.headers import PAGE_CSP
from app.web.widget_bundle import send_bundle, widget_bundle

HERE = Path(__file__).parent

_PAGE = {"content-security-policy": PAGE_CSP, "cache-control": "no-cache"}

router = APIRouter(include_in_schema=False)

_templates = Jinja2Templates(env=Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True))


@router.api_route("/", methods=["GET", "HEAD"])
async def demo(request: Request, state: State) -> Response:
    """Send the demo page."""
    context = await _demo_context(state.container)
    return _templates.TemplateResponse(request, "demo.html", context, headers=_PAGE)


@router.api_route("/embed", methods=["GET", "HEAD"])
async def embed(request: Request, state: State) -> Response:
    """Send the page that builds a snippet."""
    catalog = state.container.catalog
    context = {**await _presenter(state.container), "locales": catalog.locales, "bundle": widget_bundle()}
    return _templates.TemplateResponse(request, "embed.html", context, headers=_PAGE)


@router.api_route("/widget.js", methods=["GET", "HEAD"])
async def widget(request: Request) -> Response:
    """Send the file of the script tag: the whole widget, revalidated each time."""
    return send_bundle(request.scope)


@router.api_route("/widget-{digest}.js", methods=["GET", "HEAD"])
async def widget_version(request: Request, digest: str) -> Response:
    """Send the whole widget for good, under the version of its bytes."""
    return send_bundle(request.scope, digest)


@router.get("/demo/progress.json")
async def progress(response: Response, state: State) -> dict[str, Any]:
    """Send how far the warm-up behind this server is, for the demo page."""
    response.headers["cache-control"] = "no-store"
    container = state.container
    status = container.warming.status if container.warming else WarmStatus()
    suggested = await _suggested(container) if status.going_on else {}
    return {
        "going_on": status.going_on,
        "filmed": status.filmed,
        "clips": status.clips,
        "waiting": [question for question, filmed in suggested.items() if not filmed],
    }


@router.get("/asyncapi.json")
async def asyncapi(state: State) -> dict[str, Any]:
    """Send the document of the socket's messages."""
    return asyncapi_document(state.container.web.version)


@router.api_route("/docs", methods=["GET", "HEAD"])
async def docs(request: Request, state: State) -> Response:
    """Send the API reference."""
    context = {**await _presenter(state.container), **reference(request.app.openapi())}
    return _templates.TemplateResponse(request, "reference.html", context, headers=_PAGE)


async def _demo_context(container: Container) -> dict[str, Any]:
    """Make the values of the template; see its first lines."""
    warming = container.warming
    return {
        **await _presenter(container),
        "questions": await _suggested(container),
        "unfilmed": container.catalog.fallback.examples,
        "warming": warming.status if warming and warming.status.going_on else None,
    }


async def _presenter(container: Container) -> dict[str, Any]:
    """Make the values that say who presents what."""
    script = Script(container.catalog.open_on(container.clock.now().date()))
    locale = container.catalog.default_locale
    idle = script.first(Role.IDLE)
    clip = await container.services.clips.for_intent(idle, locale=locale, variant=0) if idle else None
    return {
        "catalog_name": container.catalog.name,
        "avatar_name": container.catalog.avatar.name,
        "locale": locale,
        "poster_url": clip.poster if clip else None,
    }


async def _suggested(container: Container) -> dict[str, bool]:
    """Return a question for each chip of a new session, and whether its answer is filmed."""
    script = Script(container.catalog.open_on(container.clock.now().date()))
    locale, clips = container.catalog.default_locale, container.services.clips
    intents = [intent for choice in script.opening_choices(locale) if (intent := script.intent(choice.intent))]
    phrases = {intent.id: texts[0] for intent in intents if (texts := intent.phrases.get(locale))}
    return {
        phrase: await clips.for_intent(intent, locale=locale, variant=0) is not None
        for intent, phrase in phrases.items()
    }
