"""Small catalogs for tests: `write_catalog` puts a complete, valid one on disk; the `a_*` builders give its values."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from PIL import Image, ImageDraw

Content = str | bytes | Mapping[str, Any] | list[Any] | None

CATALOG: dict[str, Any] = {
    "name": "Harbour desk",
    "default_locale": "en",
    "avatar": "mira",
}

FILES: dict[str, Content] = {
    "facts.yaml": {"opening_hours": "from ten to six", "prices": {"adult": "twelve euros"}},
    "avatars/mira.yaml": {
        "name": "Mira",
        "portrait": "mira.png",
        "disclosure": {"en": "Mira is an AI-generated presenter."},
        "consent": {"subject": "Mira", "kind": "synthetic"},
    },
    "visiting/opening-hours.yaml": {
        "title": "Opening hours",
        "phrases": {
            "en": [
                "When are you open?",
                "What are your opening hours?",
                "What time do you close on Saturdays?",
                "How early can I come in?",
                "Is the museum open on Sunday?",
            ]
        },
        "not_phrases": {"en": ["When was the museum opened for the first time?"]},
        "answer": {"en": ["We are open {{ facts.opening_hours }}.", "You can visit us {{ facts.opening_hours }}."]},
        "next": ["tickets"],
        "card": {"title": "Opening hours", "body": "Open {{ facts.opening_hours }}", "url": "/visit"},
    },
    "visiting/tickets.yaml": {
        "title": "Ticket prices",
        "phrases": {
            "en": [
                "How much is a ticket?",
                "What does it cost to get in?",
                "Ticket prices please",
                "Do I have to pay an entrance fee?",
                "What is the price for an adult?",
            ]
        },
        "answer": {"en": "A ticket is {{ facts.prices.adult }}."},
        "next": "opening-hours",
    },
    "visiting/dogs.yaml": {
        "title": "Dogs",
        "phrases": {
            "en": [
                "Can I bring my dog?",
                "Are pets allowed inside?",
                "Is my puppy welcome?",
                "Do you let guide dogs in?",
                "May animals come along?",
            ]
        },
        "answer": {"en": "Guide dogs are welcome. All other dogs wait at the door, where there is water."},
    },
    "roles/greeting.yaml": {"title": "Welcome", "role": "greeting", "answer": {"en": "Hello and welcome."}},
    "roles/idle.yaml": {"title": "Listening", "role": "idle"},
    "roles/holding.yaml": {"title": "One moment", "role": "holding", "answer": {"en": "One moment, I will look."}},
    "roles/unclear.yaml": {"title": "Not understood", "role": "unclear", "answer": {"en": "I do not know that one."}},
    "roles/apology.yaml": {"title": "Sorry", "role": "apology", "answer": {"en": "Sorry, something went wrong."}},
    "roles/goodbye.yaml": {"title": "Goodbye", "role": "farewell", "answer": {"en": "Goodbye, come again."}},
    "knowledge/history.md": (
        "# How it began\n\nThe museum opened in 1911. It began as a sailmaker's shed.\n\n"
        "A flood closed it for two years. The town paid for the repairs.\n"
    ),
    "tests.yaml": {
        "tests": [
            {"ask": "what are the opening times", "expect": "opening-hours"},
            {"ask": "how expensive is a ticket", "expect": "tickets"},
            {"ask": "who invented the telephone", "expect": "none"},
        ]
    },
}


def write_catalog(
    folder: Path, *, files: Mapping[str, Content] | None = None, portrait_px: int = 512, **overrides: Any
) -> Path:
    """Write a small valid catalog to `folder/intents` and return that path.

    `overrides` are top-level keys of `catalog.yaml` (None leaves a key out). `files` adds or replaces files by their
    path in the catalog: text and bytes are written as they are, mappings and lists as YAML, None leaves the file out.
    """
    root = folder / "intents"
    catalog = {key: value for key, value in (CATALOG | overrides).items() if value is not None}
    contents: dict[str, Content] = {"catalog.yaml": catalog, **FILES, **(files or {})}
    write_portrait(root / "avatars" / "mira.png", size=portrait_px)
    for name, content in contents.items():
        if content is not None:
            write_file(root / name, content)
    return root


def write_file(path: Path, content: str | bytes | Mapping[str, Any] | list[Any]) -> None:
    """Write one file of a catalog, and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    else:
        path.write_text(yaml.safe_dump(_plain(content), sort_keys=False, allow_unicode=True), encoding="utf-8")


def write_portrait(path: Path, *, size: int = 512) -> None:
    """A square PNG of a simple face; good enough to be a picture, not to be animated by a face tracker."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (size, size), (214, 228, 236))
    draw = ImageDraw.Draw(image)
    unit = size / 16
    draw.ellipse((4 * unit, 2 * unit, 12 * unit, 13 * unit), fill=(236, 200, 170))
    for left in (5.6 * unit, 9.2 * unit):
        draw.ellipse((left, 6 * unit, left + 1.2 * unit, 7 * unit), fill=(50, 40, 40))
    draw.ellipse((6.5 * unit, 9.6 * unit, 9.5 * unit, 10.4 * unit), fill=(190, 90, 90))
    image.save(path)


def _plain(content: Any) -> Any:
    """The same content without shared objects, which YAML would write as anchors and aliases."""
    if isinstance(content, Mapping):
        return {key: _plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(value) for value in content]
    return content
