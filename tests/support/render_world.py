"""A stage for rendering tests: an avatar, a small catalog, and a studio with fakes around a real ledger."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.catalog.fallback_and_budget import Budget, Fallback
from app.catalog.model import Avatar, Catalog, Intent, Matching, Role, Voice
from app.catalog.terms import Consent
from app.digest import digest_bytes
from app.rendering.fakes import FakeMediaTools, FakeRenderer, FakeSpeech, FakeTime, portrait_as_it_is
from app.rendering.ledger.memory import MemoryLedger
from app.rendering.work.studio import Studio
from app.store.memory import MemoryBlobStore, MemoryRecipeIndex

PORTRAIT = b"a portrait of nobody"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def an_avatar(folder: Path, **changes: Any) -> Avatar:
    """A synthetic presenter with fake providers, whose portrait lies in the folder."""
    path = folder / "mira.png"
    path.write_bytes(PORTRAIT)
    fields: dict[str, Any] = {
        "id": "mira",
        "name": "Mira",
        "portrait": "mira.png",
        "portrait_path": str(path),
        "portrait_digest": digest_bytes(PORTRAIT),
        "voice": Voice(speech="fake"),
        "renderers": ("fake",),
        "consent": Consent(subject="Mira", kind="synthetic"),
    }
    return Avatar(**fields | changes)


def an_intent(intent_id: str, *texts: str, role: Role = Role.ANSWER, locale: str = "en") -> Intent:
    """An intent that answers with these texts."""
    answer = {locale: texts} if texts else {}
    return Intent(id=intent_id, topic="desk", title=intent_id.title(), role=role, answer=answer)


def a_catalog(avatar: Avatar, *intents: Intent) -> Catalog:
    """A catalog whose roles are what its intents say."""
    roles: dict[Role, tuple[str, ...]] = {}
    for intent in intents:
        if intent.role is not Role.ANSWER:
            roles[intent.role] = (*roles.get(intent.role, ()), intent.id)
    return Catalog(
        name="Desk",
        default_locale="en",
        locales=("en",),
        avatar=avatar,
        intents=intents,
        roles=roles,
        matching=Matching(),
        fallback=Fallback(),
        budget=Budget(),
        digest="0" * 64,
    )


@dataclass
class RenderWorld:
    """Everything behind a studio, shared by as many studios as a test opens."""

    folder: Path
    ledger: Any = field(default_factory=MemoryLedger)
    renderer: FakeRenderer = field(default_factory=FakeRenderer)
    speech: FakeSpeech = field(default_factory=FakeSpeech)
    media_tools: FakeMediaTools = field(default_factory=FakeMediaTools)

    def __post_init__(self) -> None:
        self.avatar = an_avatar(self.folder)
        self.blobs = MemoryBlobStore()
        self.recipes = MemoryRecipeIndex(self.blobs)

    def studio(self, name: str = "worker", **changes: Any) -> Studio:
        """A studio of its own scratch folder, as another process would have."""
        settings: Mapping[str, Any] = {
            "speech": {"fake": self.speech},
            "renderers": {"fake": self.renderer},
            "blobs": self.blobs,
            "recipes": self.recipes,
            "ledger": self.ledger,
            "media_tools": self.media_tools,
            "portrait": portrait_as_it_is,
            "clock": lambda: datetime.now(UTC),
            "sleep": asyncio.sleep,
            "worker_name": name,
            "scratch": self.folder / name,
            "look_every_s": 0.01,
        }
        return Studio(**{**settings, **changes})


def in_time(time: FakeTime) -> dict[str, Any]:
    """Settings of a studio in whose time nothing but its own waiting passes: no heartbeat is ever due."""
    return {"clock": time.clock, "sleep": time.sleep, "lease_s": 6 * 3600.0}
