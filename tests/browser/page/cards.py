"""Cards as a server sends them, one of each kind, and hostile ones. What they would run only sets a flag."""

from typing import Any

FLAG = "window.owned = 1"

FORM = [
    {"name": "name", "label": "Your name", "kind": "text", "required": True},
    {"name": "mail", "label": "E-mail", "kind": "email", "required": True},
    {"name": "size", "label": "Group", "kind": "choice", "required": True, "options": ["up to 10", "more"]},
    {"name": "note", "label": "Note", "kind": "long", "required": False},
    {"name": "lift", "label": "We need the lift", "kind": "yes", "required": False},
]

HOSTILE_TEXTS = (
    f'<img src=x onerror="{FLAG}">',
    f"<script>{FLAG}</script>",
    f'<svg onload="{FLAG}"><a xlink:href="javascript:{FLAG}">x</a></svg>',
    f"[press](javascript:{FLAG.replace(' ', '')})",
    f"[press](JaVaScRiPt:{FLAG.replace(' ', '')})",
    f"[press](java\tscript:{FLAG.replace(' ', '')})",
    "[press](data:text/html,<script>parent.owned=1</script>)",
    "[press](vbscript:owned=1)",
    "[press](//evil.example/x)",
    f'[press](https://a.example/"onmouseover="{FLAG.replace(" ", "")})',
    f"[a](javascript:{FLAG.replace(' ', '')}//https://a.example)",
    f"**<b onmouseover={FLAG.replace(' ', '')}>strong</b>**",
    f"`<img src=x onerror={FLAG.replace(' ', '')}>`",
    f"- <iframe srcdoc='<script>parent.{FLAG[7:]}</script>'></iframe>",
    f"# <math><mtext><img src=x onerror={FLAG.replace(' ', '')}></mtext></math>",
    '"><script>owned=1</script>',
    "{{constructor.constructor('owned=1')()}}",
    "*" * 400 + "[" * 400 + "`" * 199,
)
"""Texts that would run, lead elsewhere or take long if anything read them as markup."""

HOSTILE_ADDRESSES = (
    f"javascript:{FLAG}",
    "data:text/html,<script>parent.owned=1</script>",
    f" javascript:{FLAG}",
    f"https:javascript:{FLAG}",
    "//evil.example",
    "/\\evil.example",
    "mailto:a@b.example?subject=<script>",
    f'https://a.example/" onload="{FLAG}',
)


def hostile(number: int) -> dict[str, Any]:
    """A card whose every part is hostile."""
    text = HOSTILE_TEXTS[number % len(HOSTILE_TEXTS)]
    address = HOSTILE_ADDRESSES[number % len(HOSTILE_ADDRESSES)]
    kind = ("text", "image", "list", "map", "product", "form", "constructor", "<b>")[number % 8]
    field = {"name": "x", "label": text, "kind": ("text", "choice", "yes", text)[number % 4], "required": False}
    return {
        "kind": kind,
        "title": text,
        "body": text,
        "url": address,
        "image": address,
        "alt": text,
        "items": [text],
        "address": text,
        "price": text,
        "form": [{**field, "options": [text]}],
        "submit": text,
        "function": "constructor",
    }


MARKDOWN = """Bring **one** thing and *two* friends.
Then see `room 3`:

- the [map](/map)
- [our shop](https://shop.example/x)

1. walk
2. <b>rest</b> at 5 * 3 \\*stars\\*"""

CARDS: dict[str, dict[str, Any]] = {
    "text": {"kind": "text", "title": "Markdown", "body": MARKDOWN},
    "image": {"kind": "image", "title": "The lamp", "image": "/clips/idle.jpg", "alt": "A bronze lamp"},
    "list": {"kind": "list", "title": "Bring", "items": ["a coat", "a ticket"]},
    "map": {"kind": "map", "title": "Find us", "address": "1 Lantern Quay\nHarbour"},
    "product": {"kind": "product", "title": "A mug", "price": "12 €", "body": "Blue.", "url": "/shop/mug"},
    "form": {"kind": "form", "title": "Book", "form": FORM, "submit": "Book it", "function": "booked"},
    **{f"hostile {number:02}": hostile(number) for number in range(24)},
}
