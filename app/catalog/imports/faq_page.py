"""FAQ pages: questions and answers as schema.org's JSON-LD inside a saved HTML page."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.catalog.imports.gathered import Gathered, mapping, mappings, strings
from app.catalog.imports.words import cleaned, locale_of

_LANGUAGE = re.compile(r"<html\b[^<>]{0,500}?\blang\s*=\s*[\"']?([A-Za-z-]{2,35})", re.IGNORECASE)
_KINDS = frozenset({"FAQPage", "QAPage"})
_MOST_DEPTH = 8


def linked_data(page: str) -> Iterator[str]:
    """Yield the text of every JSON-LD script of a page; what is not closed ends it."""
    small, at = page.lower(), 0
    while (begin := small.find("<script", at)) >= 0:
        head_end = small.find(">", begin)
        end = small.find("</script", head_end)
        if head_end < 0 or end < 0:
            return
        if "ld+json" in small[begin : min(head_end, begin + 500)]:
            yield page[head_end + 1 : end].strip().removeprefix("<!--").removesuffix("-->")
        at = end


def page_locale(page: str) -> str:
    """Return the language that the page says it is written in."""
    found = _LANGUAGE.search(page[:5000])
    return locale_of(found[1]) if found else ""


def is_faq_page(document: object) -> bool:
    """Return whether linked data holds a page of questions."""
    return any(True for _ in _pages(document, 0))


def gather_faq_page(where: str, documents: list[object], locale: str = "") -> Gathered:
    """Return the intents of a page's linked data."""
    gathered = Gathered("a FAQ page")
    gathered.locale = locale
    for page in (one for document in documents for one in _pages(document, 0)):
        gathered.name = gathered.name or cleaned(page.get("name") or page.get("headline"))
        gathered.locale = gathered.locale or locale_of(page.get("inLanguage"))
        for question in _listed(page.get("mainEntity")):
            _question(gathered, where, question)
    return gathered


def _question(gathered: Gathered, where: str, question: Mapping[str, Any]) -> None:
    asked = cleaned(html.unescape(cleaned(question.get("name") or question.get("text"))))
    if not asked:
        return
    intent = gathered.intent(asked)
    intent.ask(asked)
    answers = _listed(question.get("acceptedAnswer")) or _listed(question.get("suggestedAnswer"))[:1]
    for answer in answers:
        text = answer.get("text") or answer.get("name")
        if isinstance(text, str) and text not in intent.answers.get("", ()):
            intent.say(text)
    for answer in _listed(question.get("suggestedAnswer"))[len(answers) if not question.get("acceptedAnswer") else 0 :]:
        gathered.leave(where, cleaned(answer.get("text")), "a suggested answer beside the accepted one")


def _pages(document: object, depth: int) -> Iterator[dict[str, Any]]:
    """Yield every page of questions, however it is nested."""
    if depth > _MOST_DEPTH:
        return
    for one in _listed(document):
        kinds = one.get("@type")
        if _KINDS & set(strings(kinds)):
            yield one
            continue
        for key in ("@graph", "mainEntity", "hasPart", "isPartOf", "mainEntityOfPage"):
            yield from _pages(mapping(one.get(key)) or one.get(key), depth + 1)


def _listed(value: object) -> list[dict[str, Any]]:
    return [value] if isinstance(value, dict) else list(mappings(value))
