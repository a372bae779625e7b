"""Botpress: the questions and answers of its Q&A module, per language."""

from collections.abc import Mapping
from typing import Any

from app.catalog.imports.gathered import OWN, Gathered, SourceIntent, mapping, mappings, strings
from app.catalog.imports.words import locale_of


def items_of(document: object) -> list[dict[str, Any]] | None:
    """Return the items of an exported Q&A, or None if a document is none."""
    listed = document
    if isinstance(document, dict):
        listed = document.get("qnas") or document.get("items") or ([document] if "data" in document else [])
    found = [one for one in mappings(listed) if isinstance(mapping(one.get("data")).get("questions"), dict)]
    return found or None


def gather_botpress(where: str, items: list[dict[str, Any]], document: object = None) -> Gathered:
    """Return an intent for each item."""
    gathered = Gathered("a Botpress Q&A")
    elements = _elements(document)
    for item in items:
        data = mapping(item.get("data"))
        questions = mapping(data.get("questions"))
        first = next((text for texts in questions.values() for text in strings(texts)), "")
        if first:
            intent = gathered.intent(str(item.get("id") or first))
            intent.name = intent.title = first
            for tag, texts in questions.items():
                for text in strings(texts):
                    intent.ask(text, locale_of(tag) or OWN)
            _answers(gathered, where, intent, mapping(data.get("answers")), elements)
            _settings(gathered, where, intent, data)
    return gathered


def _answers(
    gathered: Gathered, where: str, intent: SourceIntent, answers: Mapping[str, Any], elements: Mapping[str, str]
) -> None:
    """Add the answers; one that names a content element says that element's words."""
    for tag, texts in answers.items():
        for text in strings(texts):
            if text.startswith("#!") and text.removeprefix("#!") not in elements:
                gathered.leave(where, f"the content element `{text}`", "its words are not in this export")
            else:
                intent.say(elements.get(text.removeprefix("#!"), text), locale_of(tag) or OWN)


def _settings(gathered: Gathered, where: str, intent: SourceIntent, data: Mapping[str, Any]) -> None:
    contexts = [name for name in strings(data.get("contexts") or data.get("category")) if name != "global"]
    intent.topic = contexts[0] if contexts else ""
    if data.get("enabled") is False:
        intent.hold("it is switched off in the export")
    if str(data.get("action") or "text") == "redirect":
        intent.hold("a flow answers it; write the answer, or leave it out")
    if data.get("redirectFlow"):
        gathered.leave(where, f"the flow after `{intent.name}`", "an answer leads to chips, not to a program")


def _elements(document: object) -> dict[str, str]:
    """Return the words of content elements that the export carries, by id."""
    found = {}
    for one in mappings(mapping(document).get("contentElements")):
        data = mapping(one.get("formData"))
        text = next((data[key] for key in ("text$en", "text", *data) if isinstance(data.get(key), str)), "")
        if isinstance(one.get("id"), str) and text:
            found[one["id"]] = text
    return found
