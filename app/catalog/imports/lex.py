"""Amazon Lex V2: the folder of a bot's export, with one intent a file and locale."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from app.catalog.imports.gathered import OWN, Gathered, mapping, mappings
from app.catalog.imports.words import PLACEHOLDER, locale_of
from app.catalog.model import Role

_PLACES = (
    ("initialResponseSetting", "initialResponse"),
    ("fulfillmentCodeHook", "postFulfillmentStatusSpecification", "successResponse"),
    ("intentClosingSetting", "closingResponse"),
    ("closingSetting", "closingResponse"),
)
"""Keys that lead to what an intent says, the first that says something is taken."""


def is_lex(names: Mapping[str, object]) -> bool:
    """Return whether files of these names are a Lex V2 bot."""
    return any("/BotLocales/" in f"/{name}" and name.endswith("/Intent.json") for name in names)


def gather_lex(documents: Mapping[str, object]) -> Gathered:
    """Return the intents of a bot: parsed JSON files by their name inside the export."""
    gathered = Gathered("a Lex V2 bot")
    for name, document in documents.items():
        path = PurePosixPath(name)
        if path.name == "Bot.json":
            gathered.name = str(mapping(document).get("name") or "")
        elif path.name == "SlotType.json":
            gathered.leave(name, f"the slot type `{path.parent.name}`", "values in a question are not told apart")
        elif path.name == "Slot.json":
            gathered.leave(name, f"the slot `{path.parent.name}`", "an answer does not ask back")
        elif path.name == "Intent.json" and isinstance(document, dict):
            _intent(gathered, name, document, _locale(path))
    return gathered


def _locale(path: PurePosixPath) -> str:
    at = path.parts.index("BotLocales") if "BotLocales" in path.parts else len(path.parts)
    return locale_of(path.parts[at + 1]) if at + 1 < len(path.parts) else OWN


def _intent(gathered: Gathered, where: str, document: Mapping[str, Any], locale: str) -> None:
    name = str(document.get("name") or PurePosixPath(where).parent.name)
    intent = gathered.intent(name)
    if "Fallback" in str(document.get("parentIntentSignature") or ""):
        intent.role = Role.UNCLEAR
    elif "KendraSearch" in str(document.get("parentIntentSignature")) or "QnAIntent" in str(
        document.get("parentIntentSignature")
    ):
        intent.hold("a search answers it")
    for utterance in mappings(document.get("sampleUtterances")):
        text = str(utterance.get("utterance") or "")
        if PLACEHOLDER.search(text):
            gathered.leave(where, text, "it has a slot in it; write what visitors say")
        else:
            intent.ask(text, locale)
    for text in _answers(gathered, where, document):
        intent.say(text, locale)
    if any(_enabled(document, key) for key in ("fulfillmentCodeHook", "dialogCodeHook")):
        intent.hold("a program answers it (a code hook); write the answer, or leave it out")
    if document.get("slotPriorities"):
        intent.hold("it asks back for slots, which an answer does not")


def _enabled(document: Mapping[str, Any], key: str) -> bool:
    return bool(mapping(document.get(key)).get("enabled"))


def _answers(gathered: Gathered, where: str, document: Mapping[str, Any]) -> Iterator[str]:
    for place in _PLACES:
        found: Any = document
        for key in place:
            found = mapping(mapping(found).get(key))
        groups = found.get("messageGroupList") or found.get("messageGroupsList") or found.get("messageGroups")
        texts = [text for group in mappings(groups) for text in _group(gathered, where, group)]
        if texts:
            yield from texts
            return


def _group(gathered: Gathered, where: str, group: Mapping[str, Any]) -> Iterator[str]:
    for message in (mapping(group.get("message")), *mappings(group.get("variations"))):
        for kind in ("plainTextMessage", "ssmlMessage"):
            value = mapping(message.get(kind)).get("value")
            if isinstance(value, str):
                yield value
        for kind in ("customPayload", "imageResponseCard"):
            if message.get(kind):
                gathered.leave(where, f"a message of type `{kind}`", "an answer is words, and a card with a link")
