"""Pages to sign in and out: by an API key, or by a link that the terminal says once."""

import re
from http import HTTPStatus

from fastapi import Request, Response

from app.audit import SYSTEM, Act
from app.errors import AccessError
from app.web.deps import State
from app.web.studio.access import COOKIE, CSRF_FIELD, StudioState, Viewing, require_same_site, studio_of
from app.web.studio.pages import bare_page, root_of, studio_router, to
from app.web.studio.sessions import SESSION_S

router = studio_router()

_PLACE = re.compile(r"[a-z0-9_-]+(/[A-Za-z0-9._~%-]+)*(\?[A-Za-z0-9._~%&=+-]*)?")
"""Page of the Studio to go to afterwards: never another site."""


@router.get("")
async def without_slash() -> Response:
    """Send a reader to the first page."""
    return Response(status_code=HTTPStatus.PERMANENT_REDIRECT, headers={"location": "studio/"})


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """Show the form."""
    return _form(request, studio_of(request))


@router.post("/sign-in")
async def sign_in(request: Request, state: State) -> Response:
    """Sign in with an API key."""
    studio, form = studio_of(request), await request.form()
    place = str(form.get("next", ""))
    await state.visitors.admit(state.visitors.address_of(request), "token")
    require_same_site(request)
    if not studio.sessions.is_form_token(str(form.get(CSRF_FIELD, ""))):
        refusal = "The page lay open for too long. Try once more."
        return _form(request, studio, HTTPStatus.FORBIDDEN, refusal, place=place)
    try:
        cookie = studio.sessions.sign_in(str(form.get("key", "")))
    except AccessError as error:
        state.refused_keys.inc()
        try:
            await state.keys.refuse(request, SYSTEM, error)
        except AccessError:
            return _form(request, studio, HTTPStatus.UNAUTHORIZED, str(error), place=place)
    return await _signed_in(request, state.container.web.public_url, cookie, place)


@router.post("/sign-in/link")
async def another_link(request: Request, state: State) -> Response:
    """Say another link in the terminal."""
    studio, form = studio_of(request), await request.form()
    await state.visitors.admit(state.visitors.address_of(request), "token")
    require_same_site(request)
    if studio.tell is None or not studio.sessions.is_form_token(str(form.get(CSRF_FIELD, ""))):
        return _form(request, studio, HTTPStatus.FORBIDDEN, "No link can be made here. Sign in with an API key.")
    studio.tell(studio.sessions.link())
    return Response(status_code=HTTPStatus.SEE_OTHER, headers={"location": "../sign-in?done=link"})


@router.get("/enter")
async def enter_page(request: Request) -> Response:
    """Show a button that uses a link up: a preview of the address uses up nothing."""
    return bare_page(request, "enter", link=request.query_params.get("link", ""), refusal="")


@router.post("/enter")
async def enter(request: Request, state: State) -> Response:
    """Sign in by a link."""
    studio, form = studio_of(request), await request.form()
    require_same_site(request)
    try:
        cookie = studio.sessions.follow(str(form.get("link", "")))
    except AccessError as error:
        return bare_page(request, "enter", HTTPStatus.UNAUTHORIZED, link="", refusal=str(error))
    return await _signed_in(request, state.container.web.public_url, cookie, "")


@router.post("/sign-out")
async def sign_out(visit: Viewing) -> Response:
    """End the session."""
    visit.studio.sessions.end(visit.session)
    answer = to(visit, "sign-in", done="signed-out")
    answer.delete_cookie(COOKIE, path=_cookie_path(visit.request))
    return answer


async def _signed_in(request: Request, public_url: str, cookie: str, place: str) -> Response:
    studio = studio_of(request)
    session = studio.sessions.read(cookie)
    if session is not None:
        keys = request.app.state.greenroom.keys
        await keys.audit.append(Act(keys.clock(), session.caller.actor, "studio.entered", "studio"))
    where = place if _PLACE.fullmatch(place) else ""
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={"location": root_of(request) + where})
    answer.set_cookie(
        COOKIE,
        cookie,
        max_age=SESSION_S,
        path=_cookie_path(request),
        secure=request.url.scheme == "https" or public_url.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    answer.headers["cache-control"] = "no-store"
    return answer


def _cookie_path(request: Request) -> str:
    """Return the Studio's own path as the browser sees it, where the server is told of a path before it."""
    return f"{request.scope.get('root_path', '')}/studio"


def _form(
    request: Request, studio: StudioState, status: int = HTTPStatus.OK, refusal: str = "", *, place: str = ""
) -> Response:
    return bare_page(
        request,
        "sign-in",
        status,
        token=studio.sessions.form_token(),
        next=place or request.query_params.get("next", ""),
        links=studio.sessions.links and studio.tell is not None,
        done=request.query_params.get("done", ""),
        refusal=refusal,
    )
