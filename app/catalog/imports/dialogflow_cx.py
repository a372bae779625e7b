"""Dialogflow CX: an agent's package of JSON files, with phrases at its intents and answers at its flows."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from app.catalog.imports.gathered import OWN, Gathered, SourceIntent, mapping, mappings, strings
from app.catalog.imports.words import locale_of
from app.catalog.model import Role

_WELCOME = "default welcome intent"
_NO_MATCH = ("sys.no-match-default", "sys.no-match-1")
_ACTS = ("webhook", "tag")


def is_cx(names: Mapping[str, object]) -> bool:
    """Return whether files of these names are a CX agent: flows, or a folder of phrases."""
    return any(name.startswith("flows/") or "/trainingPhrases/" in name for name in names)


def gather_dialogflow_cx(documents: Mapping[str, object]) -> Gathered:
    """Return the intents of an agent: parsed JSON files by their name inside the package."""
    gathered = Gathered("a Dialogflow CX agent")
    agent = mapping(documents.get("agent.json"))
    gathered.name = str(agent.get("displayName") or "")
    gathered.locale = locale_of(agent.get("defaultLanguageCode"))
    for name, document in documents.items():
        _file(gathered, PurePosixPath(name), mapping(document))
    for intent in gathered.intents.values():
        if intent.name.lower() == _WELCOME:
            intent.role = Role.GREETING
        if not intent.answers and not intent.held:
            intent.hold("no flow answers it with words")
    return gathered


def _file(gathered: Gathered, path: PurePosixPath, document: dict[str, Any]) -> None:
    top = path.parts[0] if path.parts else ""
    if top == "intents" and path.parent.name == "trainingPhrases":
        _phrases(gathered, str(path), path.parts[-3], document, path.stem)
    elif top == "intents" and len(path.parts) == 3 and document:
        _intent(gathered, str(path), document)
    elif top == "flows":
        _page(gathered, str(path), document, inner="pages" in path.parts)
    elif top == "entityTypes" and len(path.parts) == 3:
        gathered.leave(str(path), f"the entity `{path.stem}`", "values in a question are not told apart")
    elif top in {"webhooks", "generators", "playbooks", "tools", "agentTransferConfigs", "testCases"}:
        gathered.leave(top, f"`{path.stem}`", "a program or a setting, not an answer")


def _intent(gathered: Gathered, where: str, document: Mapping[str, Any]) -> None:
    name = str(document.get("displayName") or PurePosixPath(where).stem)
    if document.get("isFallback"):
        gathered.leave(where, f"the phrases of `{name}`", "what nothing answers is found without examples")
        return
    gathered.intent(name)
    for parameter in mappings(document.get("parameters")):
        gathered.leave(where, f"the parameter `{parameter.get('id')}`", "values in a question are not told apart")
    _phrases(gathered, where, name, document, "")


def _phrases(gathered: Gathered, where: str, name: str, document: Mapping[str, Any], stem: str) -> None:
    for phrase in mappings(document.get("trainingPhrases")):
        parts = list(mappings(phrase.get("parts")))
        if any(part.get("parameterId") for part in parts):
            gathered.leave(where, f"entity marks in the phrases of `{name}`", "the words stay, the marks do not")
        locale = locale_of(phrase.get("languageCode")) or locale_of(stem) or OWN
        gathered.intent(name).ask("".join(str(part.get("text", "")) for part in parts), locale)


def _page(gathered: Gathered, where: str, document: Mapping[str, Any], *, inner: bool) -> None:
    """Read the routes of a flow; those of a page inside it are reached only from there."""
    for route in mappings(document.get("transitionRoutes")):
        _route(gathered, where, route, inner=inner)
    for handler in mappings(document.get("eventHandlers")):
        texts = list(_texts(mapping(handler.get("triggerFulfillment"))))
        if handler.get("event") in _NO_MATCH and texts and not inner:
            unclear = gathered.intent("unclear")
            unclear.role, unclear.title = Role.UNCLEAR, "Not understood"
            _say(unclear, texts)


def _route(gathered: Gathered, where: str, route: Mapping[str, Any], *, inner: bool) -> None:
    name, fulfilment = route.get("intent"), mapping(route.get("triggerFulfillment"))
    texts = list(_texts(fulfilment))
    if not isinstance(name, str) or not name:
        if texts:
            gathered.leave(where, texts[0][1], "it is said on a condition, not to a question")
        return
    intent = gathered.intent(name.rpartition("/")[2])
    _say(intent, texts)
    condition = str(route.get("condition") or "").strip()
    if condition and condition.lower() != "true":
        intent.hold(f"it is answered only where `{condition[:80]}`")
    if any(fulfilment.get(key) for key in _ACTS):
        intent.hold("a webhook decides what is said; write the answer, or leave it out")
    if inner:
        intent.hold(f"it is asked on the page `{PurePosixPath(where).stem}` only")
    for message in mappings(fulfilment.get("messages")):
        if not {"text", "languageCode", "outputAudioText"} >= message.keys() and not message.get("text"):
            kind = next((key for key in message if key != "languageCode"), "?")
            gathered.leave(where, f"a message of type `{kind}`", "an answer is words, and a card with a link")


def _texts(fulfilment: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield locale and text of every message; all texts of one message are variants."""
    for message in mappings(fulfilment.get("messages")):
        locale = locale_of(message.get("languageCode")) or OWN
        for text in strings(mapping(message.get("text")).get("text")):
            yield locale, text
        spoken = mapping(message.get("outputAudioText"))
        for text in (*strings(spoken.get("text")), *strings(spoken.get("ssml"))):
            yield locale, text


def _say(intent: SourceIntent, texts: list[tuple[str, str]]) -> None:
    for locale, text in texts:
        if text not in intent.answers.get(locale, ()):
            intent.say(text, locale)
