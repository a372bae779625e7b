"""A small catalog as values, and a session with a clock, for tests of conversations."""

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from app.catalog.fallback_and_budget import Budget, Fallback
from app.catalog.model import Avatar, Card, Catalog, Intent, Matching, Role
from app.conversation.actions import Action, Send
from app.conversation.fakes import FakeClips, fake_clip
from app.conversation.protocol.client_messages import ClientMessage, InputText, read_message
from app.conversation.protocol.server_messages import ServerMessage
from app.conversation.script import Script
from app.conversation.session import Session
from app.conversation.session_intro import SessionIntro
from app.conversation.session_limits import SessionConfig
from app.conversation.snapshot import Snapshot

T = TypeVar("T")

ROLES = {
    Role.GREETING: ("greeting",),
    Role.IDLE: ("idle",),
    Role.HOLDING: ("moment", "drawers"),
    Role.UNCLEAR: ("unclear",),
    Role.APOLOGY: ("apology",),
    Role.FAREWELL: ("goodbye",),
}


def an_intent(intent_id: str, *answers: str, role: Role = Role.ANSWER, **more: Any) -> Intent:
    """An intent in English."""
    texts = {"en": answers} if answers else {}
    return Intent(id=intent_id, topic="desk", title=intent_id.title(), role=role, answer=texts, **more)


INTENTS = (
    an_intent(
        "hours",
        "We open at ten.",
        "From ten on.",
        next=("tickets", "dogs"),
        card=Card(title="Hours", body="10 to 18"),
        phrases={"en": ("When are you open?",)},
    ),
    an_intent("tickets", "Twelve euros.", interruptible=False),
    an_intent("dogs", "Dogs wait at the door."),
    an_intent("greeting", "Hello and welcome.", role=Role.GREETING, next=("hours", "tickets")),
    an_intent("idle", role=Role.IDLE),
    an_intent("moment", "One moment.", role=Role.HOLDING),
    an_intent("drawers", "Let me look in the drawers.", role=Role.HOLDING),
    an_intent("unclear", "I do not know that one.", role=Role.UNCLEAR),
    an_intent("apology", "Something broke behind me.", role=Role.APOLOGY),
    an_intent("goodbye", "Goodbye.", role=Role.FAREWELL),
)

AVATAR = Avatar(
    id="mira",
    name="Mira",
    portrait="mira.png",
    portrait_path="/mira.png",
    portrait_digest="0" * 64,
    disclosure={"en": "Mira is an AI-generated presenter."},
)


def a_catalog(*, without: tuple[str, ...] = (), **changes: Any) -> Catalog:
    """The museum's desk, `without` some intents."""
    values: dict[str, Any] = {
        "name": "Harbour desk",
        "default_locale": "en",
        "locales": ("en", "de"),
        "avatar": AVATAR,
        "intents": tuple(intent for intent in INTENTS if intent.id not in without),
        "roles": {role: tuple(i for i in ids if i not in without) for role, ids in ROLES.items()},
        "matching": Matching(),
        "fallback": Fallback(),
        "budget": Budget(),
        "digest": "1" * 64,
    }
    return Catalog(**(values | changes))


def all_clips(catalog: Catalog, *, without: tuple[str, ...] = (), at_hand: bool = False) -> FakeClips:
    """Every clip of the catalog, filmed, `without` those of some intents; `at_hand`: without waiting."""
    return FakeClips(
        {
            intent.id: tuple(fake_clip(text) for text in intent.answers("en", "en")) or (fake_clip(""),)
            for intent in catalog.intents
            if intent.id not in without
        },
        knows_at_once=at_hand,
    )


@dataclass
class SessionWorld:
    """A session that has begun, and everything it wanted so far."""

    catalog: Catalog = field(default_factory=a_catalog)
    config: SessionConfig = field(default_factory=SessionConfig)
    now: float = 100.0
    done: list[Action] = field(default_factory=list)
    locale: str = "en"

    def __post_init__(self) -> None:
        """Begin."""
        numbers = count(1)
        self.session = Session(
            "s_1", Script(self.catalog), locale=self.locale, config=self.config, new_id=lambda: f"t{next(numbers)}"
        )
        self.note(self.session.begin("r_1", self.now, SessionIntro(fake_clip(""), fake_clip("Hello and welcome."))))

    def moved(self, *, last_seq: int) -> "SessionWorld":
        """The same visit on another node, resumed there after this frame."""
        other = SessionWorld(self.catalog, self.config, now=self.now + 1000)
        other.done.clear()
        numbers = count(1000)
        stored = Snapshot.read(self.session.snapshot(self.now).model_dump_json())
        session = Session(
            "s_1", Script(self.catalog), locale=stored.locale, config=self.config, new_id=lambda: f"t{next(numbers)}"
        )
        frames = self.session.outbox.written(0)
        session.restore(
            stored,
            other.now,
            seq=self.session.outbox.seq,
            frames=(frames,) if frames else (),
            opening=SessionIntro(fake_clip(""), None),
        )
        other.session = session
        other.note(session.resume("r_2", other.now, last_seq=last_seq))
        return other

    def note(self, actions: list[Action]) -> list[Action]:
        """Remember actions."""
        self.done.extend(actions)
        return actions

    def hear(self, **message: Any) -> list[Action]:
        """Let a client message in, given as its fields."""
        return self.say(read_message(json.dumps(message)))

    def say(self, message: ClientMessage) -> list[Action]:
        """Let a client message in."""
        return self.note(self.session.receive(message, self.now))

    def ask(self, text: str = "When are you open?", ref: str = "q1") -> list[Action]:
        """Ask a question."""
        return self.say(InputText(type="input.text", id=ref, text=text))

    @property
    def sent(self) -> list[ServerMessage]:
        """Every message so far."""
        return [action.message for action in self.done if isinstance(action, Send)]

    def told(self, kind: type[T]) -> list[T]:
        """Every message of a kind so far."""
        return [message for message in self.sent if isinstance(message, kind)]

    def wanted(self, kind: type[T]) -> list[T]:
        """Every action of a kind so far."""
        return [action for action in self.done if isinstance(action, kind)]


def types(actions: list[Action]) -> list[str]:
    """The names of the messages among these actions."""
    return [action.message.type for action in actions if isinstance(action, Send)]
