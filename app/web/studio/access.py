"""Access to the Studio: a session from the cookie, the token of the form, the role, and the audit row of a change."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request
from starlette.datastructures import FormData

from app.audit import SYSTEM
from app.errors import AccessError, OriginError
from app.runtime.serving.container import Container
from app.runtime.settings.api_keys import KeyRole
from app.web.auth import Caller, changes
from app.web.deps import State, WebState
from app.web.studio.figures import Figures
from app.web.studio.sessions import StudioSession, StudioSessions
from app.web.studio.work import Agreements, Works

COOKIE = "greenroom_studio"

CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"


@dataclass(slots=True)
class StudioState:
    """State of the Studio that lives as long as the app.

    `tell` says a link where only the person at this computer sees it: in the terminal.
    """

    sessions: StudioSessions
    figures: Figures
    works: Works = field(default_factory=Works)
    agreements: Agreements = field(default_factory=Agreements)
    tell: Callable[[str], None] | None = None


class SignInNeededError(AccessError):
    """Nobody is signed in."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Request of a signed-in person to a page of the Studio."""

    request: Request
    web: WebState
    studio: StudioState
    session: StudioSession
    form: FormData

    @property
    def container(self) -> Container:
        """Container of the server."""
        return self.web.container

    @property
    def caller(self) -> Caller:
        """Person, by their key."""
        return self.session.caller

    def may(self, role: KeyRole | str) -> bool:
        """Return whether the person has this role or one above it."""
        return self.caller.role.may(KeyRole(role))

    def text(self, name: str, default: str = "") -> str:
        """Return one field of the form, or of the address, as text without space around it."""
        found = self.form.get(name, self.request.query_params.get(name, default))
        return found.strip() if isinstance(found, str) else default

    def number(self, name: str, default: int = 0) -> int:
        """Return a field as a number that is not negative; the default if it is none."""
        found = self.text(name)
        return int(found) if found.isdecimal() and len(found) < 10 else default

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all values of a field of the form."""
        return tuple(one for one in self.form.getlist(name) if isinstance(one, str))


def studio_of(request: Request) -> StudioState:
    """Return the Studio's state."""
    return cast("StudioState", request.app.state.studio)


def require_same_site(request: Request) -> None:
    """Refuse a change that another site's page asks for.

    Raises:
        OriginError: the browser says so.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise OriginError("The form came from another site; open the Studio and send it from there.")


def _needs(role: KeyRole) -> Callable[[Request, WebState], Awaitable[Visit]]:
    async def admit(request: Request, state: State) -> Visit:
        studio = studio_of(request)
        session = studio.sessions.read(request.cookies.get(COOKIE, ""))
        changing = request.method not in {"GET", "HEAD"}
        if session is None:
            if changes(request):
                await state.keys.refuse(request, SYSTEM, SignInNeededError("Nobody is signed in; sign in first."))
            raise SignInNeededError("Nobody is signed in; sign in first.")
        form = await request.form() if changing else FormData()
        await state.keys.hold_to(request, session.caller, role)
        if changing:
            require_same_site(request)
            _require_token(request, session, form)
        if changes(request):
            await state.keys.record_use(request, session.caller)
        return Visit(request, state, studio, session, form)

    return admit


def _require_token(request: Request, session: StudioSession, form: FormData) -> None:
    sent = request.headers.get(CSRF_HEADER) or form.get(CSRF_FIELD) or ""
    if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), session.csrf.encode()):
        raise OriginError("The form is not one of this session's; load the page again and repeat what you did.")


Viewing = Annotated[Visit, Depends(_needs(KeyRole.VIEWER))]
Authoring = Annotated[Visit, Depends(_needs(KeyRole.AUTHOR))]
Publishing = Annotated[Visit, Depends(_needs(KeyRole.PUBLISHER))]
Operating = Annotated[Visit, Depends(_needs(KeyRole.OPERATOR))]
