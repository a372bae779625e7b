"""Pages of the Studio: templates, their shared values, redirects, and errors as pages."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from app.errors import GreenroomError
from app.web.headers import PAGE_CSP
from app.web.problems import STATUS
from app.web.request_ids import current_id
from app.web.studio import charts
from app.web.studio.access import COOKIE, SignInNeededError, Visit, studio_of
from app.web.studio.texts import DONE, FILTERS, PAGES

PREFIX = "/studio"

CSP = PAGE_CSP.replace("form-action 'none'", "form-action 'self'")
"""Policy of the Studio's pages: that of all pages, and forms may be sent here."""

HEADERS = {"content-security-policy": CSP, "cache-control": "no-store", "referrer-policy": "same-origin"}

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= FILTERS
_templates.globals |= {"pages": PAGES, "chart": charts}


def root_of(request: Request) -> str:
    """Return the relative way from the request's address to the Studio's first page: the server may be under a path."""
    _, _, tail = request.url.path.partition(f"{PREFIX}/")
    return "../" * tail.count("/") or "./"


def page(visit: Visit, name: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    """Fill a page in for the person who is signed in."""
    shared = {
        "visit": visit,
        "may": visit.may,
        "csrf": visit.session.csrf,
        "catalog_name": visit.container.catalog.name,
        "done": DONE.get(visit.request.query_params.get("done", ""), ""),
    }
    return bare_page(visit.request, name, status, **shared, **values)


def bare_page(request: Request, name: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    """Fill a page in that needs nobody to be signed in."""
    text = _templates.get_template(f"studio/{name}.html").render(root=root_of(request), **values)
    return Response(text, int(status), HEADERS, media_type="text/html; charset=utf-8")


def to(visit: Visit, place: str, done: str = "") -> Response:
    """Redirect to another page of the Studio, so that a reload repeats nothing; `done` names what is said there."""
    address = root_of(visit.request) + place
    if done:
        address += f"{'&' if '?' in place else '?'}done={done}"
    return Response(status_code=HTTPStatus.SEE_OTHER, headers={"location": address, "cache-control": "no-store"})


class _Route(APIRoute):
    """Route whose errors are pages, in words for authors."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except SignInNeededError as error:
                return sign_in_first(request, str(error))
            except GreenroomError as error:
                return error_page(request, STATUS[error.code], str(error))
            except RequestValidationError:
                return error_page(request, HTTPStatus.UNPROCESSABLE_ENTITY, "The address or the form is not complete.")
            except HTTPException as error:
                return error_page(request, error.status_code, str(error.detail))

        return handle


def studio_router() -> APIRouter:
    """Make the router of a page."""
    return APIRouter(prefix=PREFIX, include_in_schema=False, route_class=_Route)


def sign_in_first(request: Request, why: str) -> Response:
    """Send a reader to the page to sign in and back; a form that was sent gets a page that says so."""
    if request.method not in {"GET", "HEAD"}:
        return error_page(request, HTTPStatus.UNAUTHORIZED, why)
    _, _, tail = request.url.path.partition(f"{PREFIX}/")
    back = f"{tail}?{request.url.query}" if request.url.query else tail
    quoted = f"?next={quote(back, safe='')}" if back else ""
    where = f"{root_of(request)}sign-in{quoted}"
    return Response(status_code=HTTPStatus.SEE_OTHER, headers={"location": where, "cache-control": "no-store"})


def error_page(request: Request, status: int, why: str) -> Response:
    """Return what went wrong as a page, or as a line for a script that asked."""
    accepted = request.headers.get("accept", "*/*")
    if "text/html" not in accepted and "*/*" not in accepted:
        return Response(why, status, {"cache-control": "no-store"}, media_type="text/plain; charset=utf-8")
    signed_in = studio_of(request).sessions.read(request.cookies.get(COOKIE, "")) is not None
    title = HTTPStatus(status).phrase
    values = {"code": int(status), "title": title, "why": why, "signed_in": signed_in, "request_id": current_id()}
    return bare_page(request, "error", status, **values)
