"""Sessions of the Studio: links that sign in once, and signed cookies that name the key they were given for."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from app.conversation.ports import Clock
from app.errors import AccessError
from app.runtime.settings.api_keys import ApiKey, find_key
from app.runtime.settings.site import DEVELOPMENT_SECRET
from app.web.auth import Caller
from app.web.tokens import Signer

LINK_S = 15 * 60
"""Life of a link: time to find the terminal, open the page and be interrupted once."""

SESSION_S = 12 * 3600
"""Life of a session: a long day. Work that was typed in is saved long before."""

FORM_S = 3600
"""Time for which the form to sign in may lie open."""


class _Claims(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    use: Literal["link", "session", "form"]
    id: str
    exp: float
    key: str = ""
    """Id of the key; empty: this computer, signed in by a link."""


@dataclass(frozen=True, slots=True)
class StudioSession:
    """Session of a person: who it is, and the token that each of their forms carries."""

    id: str
    caller: Caller
    csrf: str


class StudioSessions:
    """Sessions of one site. This process remembers used links and ended sessions until they would expire anyway.

    A key that is taken out of the settings ends its sessions with the next start.
    """

    def __init__(self, secret: str, clock: Clock, keys: Sequence[ApiKey], *, links: bool) -> None:
        """`links`: links may sign this computer in, which is for development only.

        A secret that everybody knows signs nothing: then sessions and links end with the process.
        """
        known = secret == DEVELOPMENT_SECRET
        self._signer = Signer(secrets.token_hex(32) if known else secret, purpose="studio")
        self._clock = clock
        self._keys = {key.id: key for key in keys}
        self._ended: dict[str, float] = {}
        self.links = links

    def link(self) -> str:
        """Make a token that signs in once."""
        return self._seal("link", LINK_S)

    def follow(self, token: str) -> str:
        """Use a link's token up, and return the cookie of a new session.

        Raises:
            AccessError: it is not ours, has expired, or was used.
        """
        claims = self._open(token, "link")
        if claims is None or not self.links:
            raise AccessError("This link has expired or was used already: each one signs in once. Get another one.")
        self._ended[claims.id] = claims.exp
        return self._seal("session", SESSION_S)

    def sign_in(self, shown: str) -> str:
        """Return the cookie of a new session for a key.

        Raises:
            AccessError: there is no such key.
        """
        key = find_key(tuple(self._keys.values()), shown.strip())
        if key is None:
            raise AccessError("No API key of this site is like that. Copy it whole; `greenroom keys new` makes one.")
        return self._seal("session", SESSION_S, key=key.id)

    def read(self, cookie: str) -> StudioSession | None:
        """Return the session of a cookie; None if there is none, or no longer."""
        claims = self._open(cookie, "session")
        if claims is None or (not claims.key and not self.links):
            return None
        key = self._keys.get(claims.key) if claims.key else None
        if claims.key and key is None:
            return None
        return StudioSession(claims.id, Caller(key), self._signer.mark(f"csrf {claims.id}"))

    def end(self, session: StudioSession) -> None:
        """End a session on this node; its cookie is worth nothing any more."""
        self._ended[session.id] = self._now() + SESSION_S

    def form_token(self) -> str:
        """Make the token of the form to sign in, which belongs to no session yet."""
        return self._seal("form", FORM_S)

    def is_form_token(self, token: str) -> bool:
        """Return whether a token is one of a form to sign in."""
        return self._open(token, "form") is not None

    def _seal(self, use: Literal["link", "session", "form"], life_s: float, key: str = "") -> str:
        claims = _Claims(use=use, id=secrets.token_urlsafe(12), exp=self._now() + life_s, key=key)
        return self._signer.sealed(claims.model_dump_json())

    def _open(self, token: str, use: str) -> _Claims | None:
        try:
            text = self._signer.opened(token)
            claims = _Claims.model_validate_json(text) if text is not None else None
        except (ValueError, ValidationError):
            return None
        now = self._now()
        self._ended = {name: until for name, until in self._ended.items() if until > now}
        usable = claims is not None and claims.use == use and claims.exp > now and claims.id not in self._ended
        return claims if usable else None

    def _now(self) -> float:
        return self._clock.now().timestamp()
