"""The Studio over fakes: people with a key of each role, signed in, and their forms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.learning.tallies import TurnTallies
from app.runtime.settings.api_keys import KeyRole, new_key
from app.runtime.settings.site import Settings, WebSettings
from app.web.app import create_app
from app.web.studio.access import COOKIE
from app.web.studio.remembered import Remembered
from app.web.studio.sessions import StudioSessions
from tests.support.catalogs import write_catalog
from tests.support.fake_web import FakeContainer
from tests.support.session_world import all_clips

MADE = {role: new_key(f"the-{role}", role) for role in KeyRole}
KEYS = tuple(kept for _, kept in MADE.values())


@dataclass
class Person:
    """Somebody with a browser, who follows no redirect by themselves."""

    client: TestClient

    def beside(self) -> "Person":
        """Another browser at the same site."""
        return Person(TestClient(self.client.app, base_url="https://desk.localhost"))

    def sign_in(self, role: KeyRole) -> Response:
        """Send the form with the key of a role."""
        form = self.client.get("/studio/sign-in").text
        return self.post("sign-in", {"key": MADE[role][0]}, csrf=token_of(form))

    def is_signed_in(self, role: KeyRole) -> str:
        """Have a session already, without form and page; returns the token of its forms."""
        sessions: StudioSessions = self.client.app.state.studio.sessions  # type: ignore[attr-defined]
        cookie = sessions.sign_in(MADE[role][0])
        self.client.cookies.set(COOKIE, cookie)
        session = sessions.read(cookie)
        assert session
        return session.csrf

    def get(self, place: str, **more: Any) -> Response:
        """Open a page."""
        return self.client.get(f"/studio/{place}", follow_redirects=False, **more)

    def post(self, place: str, form: Mapping[str, Any] | None = None, *, csrf: str = "", **more: Any) -> Response:
        """Send a form with this token."""
        return self.client.post(f"/studio/{place}", data={"csrf": csrf, **(form or {})}, follow_redirects=False, **more)

    @property
    def csrf(self) -> str:
        """The token of this session's forms."""
        return token_of(self.get("").text)


def token_of(page: str) -> str:
    """The token of the first form of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page
    return found[1]


def a_person(container: FakeContainer, **more: Any) -> Person:
    """A browser at a site in production with a key of each role."""
    container.tallies = TurnTallies(container.log)  # type: ignore[attr-defined]
    container.web = WebSettings(**{"secret": "a secret for tests", "environment": "production", "keys": KEYS} | more)
    app = create_app(container)
    app.state.studio.figures.plan = Remembered(nothing, container.clock.monotonic, fresh_s=1)
    return Person(TestClient(app, base_url="https://desk.localhost", raise_server_exceptions=False))


def a_desk(folder: Path) -> FakeContainer:
    """A site over fakes whose catalog is a folder of files."""
    if not (folder / "intents").is_dir():
        write_catalog(folder)
    settings = Settings(catalog=folder / "intents", models_dir=folder / "models")
    catalog = load_or_raise(settings.catalog)
    container = FakeContainer(catalog=catalog, clips=all_clips(catalog))
    withdrawals = SimpleNamespace(faces=frozenset(), read=nothing)
    container.site = SimpleNamespace(settings=settings, withdrawals=withdrawals)  # type: ignore[attr-defined]
    container.loaded = SimpleNamespace(encoder=HashingEncoder())  # type: ignore[attr-defined]
    return container


async def nothing() -> None:
    """No plan: nothing is stored anywhere."""
