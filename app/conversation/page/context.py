"""Page context: what the page tells of its visitor, filled into words and cards, and kept out of the log."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from app.catalog.card import Card, FormField
from app.catalog.page_variables import fill_variables
from app.conversation.protocol.parts import CardPart, FormFieldPart

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~])")
_MARKED = re.compile(r"[*_`\[]|^ {0,3}(?:[-+*#>]|\d+[.)]) ", re.MULTILINE)


def fill_words(text: str, page: Mapping[str, str]) -> str:
    """Return words that are shown as they are."""
    return fill_variables(text, page.get)


def card_part(card: Card | None, page: Mapping[str, str]) -> CardPart | None:
    """Return a card as a part of a message, with the page's values: data in it, whatever they look like."""
    if card is None:
        return None

    def marked(name: str) -> str | None:
        return _MARKS.sub(r"\\\1", page[name]) if name in page else None

    def quoted(name: str) -> str | None:
        return quote(page[name], safe="") if name in page else None

    is_marked = card.body is not None and _MARKED.search(card.body) is not None
    return CardPart(
        kind=card.kind if card.kind != "text" or is_marked else None,
        title=fill_words(card.title, page),
        body=card.body and fill_variables(card.body, marked if card.kind != "text" or is_marked else page.get),
        url=card.url and fill_variables(card.url, quoted),
        image=card.image and fill_variables(card.image, quoted),
        alt=card.alt and fill_words(card.alt, page),
        items=tuple(fill_words(item, page) for item in card.items) or None,
        address=card.address and fill_words(card.address, page),
        price=card.price and fill_words(card.price, page),
        form=tuple(_field_part(field) for field in card.form) or None,
        submit=card.submit,
        function=card.function,
    )


def _field_part(field: FormField) -> FormFieldPart:
    return FormFieldPart(
        name=field.name, label=field.label, kind=field.kind, required=field.required, options=field.options or None
    )


_SHORTEST = 2
"""Characters of a value from which on it is looked for in words: a single letter stands everywhere."""


def mentions(words: str, page: Mapping[str, str]) -> bool:
    """Return whether words have one of the page's values in them."""
    return redacted(words, page) != words


def redacted(words: str, page: Mapping[str, str]) -> str:
    """Return words for the log: each of the page's values is its variable again."""
    for name, value in sorted(page.items(), key=lambda pair: -len(pair[1])):
        if len(value) >= _SHORTEST and value in words:
            words = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", f"{{{{ page.{name} }}}}", words)
    return words
