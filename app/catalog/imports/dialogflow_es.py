"""Dialogflow ES: `agent.json`, and for each intent its file and one of phrases a language."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from app.catalog.imports.gathered import OWN, Gathered, SourceIntent, mapping, mappings, strings
from app.catalog.imports.words import locale_of
from app.catalog.model import Role

_USERSAYS = re.compile(r"^(?P<name>.+)_usersays_(?P<locale>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)$")

TEXT_TYPES = frozenset({"0", "message", "simple_response", "simpleResponse"})


def gather_dialogflow_es(documents: Mapping[str, object]) -> Gathered:
    """Return the intents of an agent: parsed JSON files by their name inside the export."""
    gathered = Gathered("a Dialogflow ES agent")
    agent = mapping(documents.get("agent.json"))
    gathered.name = str(agent.get("displayName") or agent.get("name") or "")
    gathered.locale = locale_of(agent.get("language"))
    for name, document in documents.items():
        path = PurePosixPath(name)
        if path.parent.name == "entities" and "_entries_" not in path.stem:
            gathered.leave(name, f"the entity `{path.stem}`", "values in a question are not told apart")
        elif path.parent.name == "intents" and not _USERSAYS.match(path.stem) and isinstance(document, dict):
            _intent(gathered, name, document)
    for name, document in documents.items():
        found = _USERSAYS.match(PurePosixPath(name).stem)
        if found:
            _phrases(gathered, name, found["name"], mappings(document), locale_of(found["locale"]) or OWN)
    return gathered


def gather_single(where: str, document: Mapping[str, Any]) -> Gathered:
    """Return the one intent of a single export, which holds its phrases itself."""
    return gather_dialogflow_es({f"intents/{PurePosixPath(where).name}": document})


def is_single(document: object) -> bool:
    """Return whether a document is one exported intent."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("name"), str)
        and isinstance(document.get("responses"), list)
        and ("auto" in document or "userSays" in document or "fallbackIntent" in document)
    )


def _intent(gathered: Gathered, where: str, document: Mapping[str, Any]) -> None:
    name = str(document.get("name") or PurePosixPath(where).stem)
    intent = gathered.intent(name)
    intent.role = _role(document)
    _contexts(intent, document)
    for response in mappings(document.get("responses")):
        for message in mappings(response.get("messages")):
            _message(gathered, where, intent, message)
        for text in strings(response.get("speech")):
            intent.say(text)
        for parameter in mappings(response.get("parameters")):
            gathered.leave(where, f"the parameter `{parameter.get('name')}`", "values in a question are not told apart")
    _phrases(gathered, where, name, mappings(document.get("userSays")), OWN)


def _role(document: Mapping[str, Any]) -> Role:
    events = {str(event.get("name", "")).upper() for event in mappings(document.get("events"))}
    if document.get("fallbackIntent"):
        return Role.UNCLEAR
    return Role.GREETING if {"WELCOME", "GOOGLE_ASSISTANT_WELCOME"} & events else Role.ANSWER


def _contexts(intent: SourceIntent, document: Mapping[str, Any]) -> None:
    contexts = [
        one if isinstance(one, str) else str(mapping(one).get("name")) for one in document.get("contexts") or ()
    ]
    if contexts:
        intent.hold(f"it is asked in the context `{contexts[0]}` only; write phrases that say what they are about")
    if document.get("webhookUsed"):
        intent.hold("a webhook decides what is said; write the answer, or leave it out")


def _message(gathered: Gathered, where: str, intent: SourceIntent, message: Mapping[str, Any]) -> None:
    kind = str(message.get("type", "0"))
    locale = locale_of(message.get("lang")) or OWN
    if kind not in TEXT_TYPES:
        gathered.leave(where, f"a message of type `{kind}`", "an answer is words, and a card with a link")
        return
    texts = [*strings(message.get("speech")), *strings(message.get("textToSpeech"))]
    for text in texts:
        if text not in intent.answers.get(locale, ()):
            intent.say(text, locale)


def _phrases(gathered: Gathered, where: str, name: str, phrases: Any, locale: str) -> None:
    intent = gathered.intent(name)
    for phrase in phrases:
        parts = list(mappings(phrase.get("data")))
        text = "".join(str(part.get("text", "")) for part in parts)
        if phrase.get("isTemplate") or re.search(r"@[\w.]+:\w", text):
            gathered.leave(where, text, "a template of values, not a question")
            continue
        if any(part.get("meta") for part in parts):
            gathered.leave(where, f"entity marks in the phrases of `{name}`", "the words stay, the marks do not")
        intent.ask(text, locale)
