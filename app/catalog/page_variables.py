"""Page variables: what the page around the chat tells of its visitor, in texts that are shown and never spoken.

`{{ facts.x }}` is filled in when the catalog is loaded, `{{ page.x | else }}` for each visitor. What stands after the
bar is said where the page gives no such value, so that a text is whole on every page.
"""

import re
from collections.abc import Callable, Iterator

_REFERENCE = re.compile(r"\{\{\s*page\s*\.\s*([a-z][a-z0-9_]{0,39})\s*\|([^{}|]*)\}\}")
_INNER = re.compile(r"\s*page\s*\.\s*([a-z][a-z0-9_]{0,39})\s*\|([^{}|]*)")
_ABOUT_PAGE = re.compile(r"\s*page\s*(\.|\||$)")


def has_variables(text: str) -> bool:
    """Return whether a text needs the page's values, so that no clip can say it."""
    return "{{" in text and _REFERENCE.search(text) is not None


def names_page(inner: str) -> bool:
    """Return whether what stands between double braces means the page, well written or not."""
    return _ABOUT_PAGE.match(inner) is not None


def is_reference(inner: str) -> bool:
    """Return whether what stands between double braces is a page variable with its other words."""
    return _INNER.fullmatch(inner) is not None


def variables(text: str) -> Iterator[str]:
    """Yield the names of a text's variables."""
    yield from (found[1] for found in _REFERENCE.finditer(text))


def fill_variables(text: str, value: Callable[[str], str | None]) -> str:
    """Return the text with a value for each variable, or else the words after its bar."""
    if "{{" not in text:
        return text

    def filled(found: re.Match[str]) -> str:
        given = value(found[1])
        return found[2].strip() if given is None or not given.strip() else given

    return _REFERENCE.sub(filled, text)
