"""What the scripted server answers: one scene a word. Nothing behind it is real but the clips."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

from tests.browser.page.cards import CARDS

CHOICES = [{"intent": "hours", "title": "Opening hours"}, {"intent": "tickets", "title": "Tickets and prices"}]
HELLO = "Hello, I am Mira. Ask me anything about the museum."
HOURS = "We are open every day from ten until six. On Thursdays we stay open until nine."
LAMP = "Our oldest object is a small bronze lamp. It was found in the harbour in 1912."
HANDOVER = "I know about tickets, opening hours and the café. For all else, ring 555 0142, or press the brass bell."
TOPICS = [{"intent": name, "title": title} for name, title in (("tickets", "Tickets"), ("cafe", "Food and shop"))]
PERSON = {"title": "Talk to a person", "body": "Telephone 555 0142, Tuesday to Sunday.", "url": "/contact"}
URGENT = "Call 112 now. Stay with the person, and keep them warm and still until help is there."
NUMBER = {"title": "Emergency number: 112", "body": "Ambulance, fire brigade and police", "url": "tel:112"}
CARD = {"title": "Opening hours", "body": "Daily 10 to 18, Thursdays until 21", "url": "/visit"}
MARKUP = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"
ARABIC = "المتحف مفتوح كل يوم من العاشرة حتى السادسة."

FACE = {"x": 0.28, "y": 0.16, "width": 0.44, "height": 0.53}
"""Where the face is in the clips of `clips.py`."""

Scene = AsyncIterator[tuple[str, dict[str, Any]]]


def clip(name: str, text: str = "", seconds: float = 3.0) -> dict[str, Any]:
    """A clip part as it stands in messages, captions spread over its length."""
    halves = [part.strip() for part in text.partition(". ")[::2] if part.strip()]
    each = seconds / max(1, len(halves))
    captions = [{"start_s": i * each, "end_s": (i + 1) * each - 0.05, "text": half} for i, half in enumerate(halves)]
    base = {"url": f"/clips/{name}.mp4", "media_type": "video/mp4", "duration_s": seconds}
    known = {"poster": "/clips/idle.jpg", "digest": name, "face": dict(FACE)}
    return {**base, **known, "captions": captions, "text": text}


def scene(text: str) -> Scene:
    """The scene that a question names, the opening hours if it names none."""
    return SCENES[next((name for name in SCENES if name in text.lower()), "hours")]()


async def _answer(name: str, text: str = HOURS, *, seconds: float = 3.0, interruptible: bool = True) -> Scene:
    said = {"role": "answer", "source": "cache", "intent": "hours", "text": text, "interruptible": interruptible}
    yield "response.clip", {"clip": clip(name, text, seconds), **said}
    yield "response.text.done", {"text": text}
    yield "response.done", {"outcome": "answered"}


async def _hours() -> Scene:
    answer = {"role": "answer", "source": "cache", "intent": "hours", "text": HOURS, "interruptible": True}
    yield "response.clip", {**answer, "clip": clip("answer", HOURS), "card": CARD}
    yield "response.text.done", {"text": HOURS}
    yield "response.choices", {"choices": CHOICES[1:]}
    yield "response.done", {"outcome": "answered"}


async def _film() -> Scene:
    wait = "Good question. Give me a moment to look that up."
    holding = {"role": "holding", "source": "cache", "text": wait, "interruptible": True}
    yield "response.clip", {**holding, "clip": clip("holding", wait, 4.0)}
    async for frame in _spell(LAMP):
        yield frame
    await asyncio.sleep(1.0)
    filmed = {"role": "answer", "source": "generated", "text": LAMP, "interruptible": True}
    yield "response.clip", {**filmed, "clip": clip("generated", LAMP)}
    yield "response.done", {"outcome": "generated"}


async def _words() -> Scene:
    async for frame in _spell(LAMP, pause_s=0.12):
        yield frame
    yield "response.done", {"outcome": "generated"}


async def _spell(text: str, pause_s: float = 0.03) -> Scene:
    for word in text.split(" "):
        yield "response.text.delta", {"delta": word + " "}
        await asyncio.sleep(pause_s)
    yield "response.text.done", {"text": text}


async def _broken() -> Scene:
    answer = {"role": "answer", "source": "cache", "intent": "hours", "text": HOURS, "interruptible": True}
    yield "response.clip", {**answer, "clip": clip("broken", HOURS)}
    yield "response.done", {"outcome": "answered"}


async def _which() -> Scene:
    text = "Do you mean the opening hours or the tickets?"
    yield "response.clip", {"role": "clarify", "source": "cache", "text": text, "clip": clip("answer", text)}
    yield "response.choices", {"choices": CHOICES}
    yield "response.done", {"outcome": "clarify"}


async def _refused() -> Scene:
    text = "I am not quite sure about that one."
    yield "response.clip", {"role": "apology", "source": "cache", "text": text, "clip": clip("short", text, 0.4)}
    yield "response.choices", {"choices": CHOICES}
    yield "response.done", {"outcome": "missed"}


async def _person() -> Scene:
    said = {"role": "handover", "source": "cache", "intent": "handover", "text": HANDOVER, "card": PERSON}
    yield "response.clip", {**said, "clip": clip("answer", HANDOVER)}
    yield "response.handover", {"card": PERSON}
    yield "response.choices", {"choices": TOPICS}
    yield "response.done", {"outcome": "missed"}


async def _hurt() -> Scene:
    yield "response.text.done", {"text": URGENT, "role": "urgent", "card": NUMBER}
    yield "response.choices", {"choices": CHOICES[:1]}
    yield "response.done", {"outcome": "answered"}


async def _markup() -> Scene:
    card = {"title": MARKUP, "body": MARKUP, "url": "/visit"}
    yield "response.clip", {"role": "answer", "text": MARKUP, "clip": clip("answer", MARKUP), "card": card}
    yield "response.choices", {"choices": [{"intent": "x", "title": MARKUP}]}
    yield "response.done", {"outcome": "answered"}


async def _likely() -> Scene:
    yield "clip.prefetch", {"clips": [clip("answer"), clip("long"), clip("holding")]}
    yield "response.done", {"outcome": "answered"}


async def _shown(name: str) -> Scene:
    yield "response.text.done", {"text": "Here it is.", "card": CARDS[name]}
    yield "response.done", {"outcome": "answered"}


async def _called() -> Scene:
    call = {"call": "c1", "function": "order_status", "arguments": {"order": "A7"}, "ask": "Look up your order?"}
    yield "response.text.done", {"text": "Let me see."}
    yield "response.call", {**call, "timeout_s": 2.0}
    yield "response.done", {"outcome": "answered"}


SCENES: dict[str, Callable[[], Scene]] = {
    **{f"show {name}": partial(_shown, name) for name in CARDS},
    "order": _called,
    "film": _film,
    "words": _words,
    "broken": _broken,
    "which": _which,
    "hours": _hours,
    "gibberish": _refused,
    "person": _person,
    "bleeding": _hurt,
    "markup": _markup,
    "likely": _likely,
    "never comes": lambda: _answer("never"),
    "breaks off": lambda: _answer("partly"),
    "notice": lambda: _answer("answer", interruptible=False),
    "arabic": lambda: _answer("answer", ARABIC),
    "quick": lambda: _answer("short", seconds=0.4),
}
"""By the word that names it. `never` and `partly` are clips whose bytes stop coming."""
