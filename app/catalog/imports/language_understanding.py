"""LUIS and conversational language understanding (CLU): utterances by intent, as JSON or as `.lu` text.

Neither has answers, so all of their intents are drafts; a `.lu` or `.qna` file may hold questions and answers.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.catalog.imports.gathered import OWN, Gathered, mapping, mappings
from app.catalog.imports.words import locale_of

_NO_ANSWERS = "this format has no answers"
_MARK = re.compile(r"\{@?[\w .:-]{1,80}=([^{}]{0,300})\}")
_OPEN = re.compile(r"\{@?[\w .:-]{1,80}\}")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s*(?P<text>\S.*?)\s*$")
_ITEM = re.compile(r"^\s*[-*+]\s*(?P<text>.*?)\s*$")
_FENCE = "```"


def is_luis(document: object) -> bool:
    """Return whether a document is an exported LUIS app or a CLU project."""
    if not isinstance(document, dict):
        return False
    assets = mapping(document.get("assets"))
    return "luis_schema_version" in document or bool({"intents", "utterances"} <= assets.keys())


def gather_luis(where: str, document: Mapping[str, Any]) -> Gathered:
    """Return the intents of a LUIS app or a CLU project."""
    clu = "assets" in document
    gathered = Gathered("a CLU project" if clu else "a LUIS app")
    metadata = mapping(document.get("metadata"))
    gathered.name = str(metadata.get("projectName") or document.get("name") or "")
    gathered.locale = locale_of(metadata.get("language") or document.get("culture"))
    assets = mapping(document.get("assets")) or document
    for utterance in mappings(assets.get("utterances")):
        name = str(utterance.get("intent") or utterance.get("category") or "")
        if not name or name == "None":
            gathered.leave(where, str(utterance.get("text")), "it belongs to no intent")
            continue
        if utterance.get("entities"):
            gathered.leave(where, f"entity marks in the utterances of `{name}`", "the words stay, the marks do not")
        gathered.intent(name).ask(utterance.get("text"), _language(utterance, gathered))
    for entity in mappings(assets.get("entities")):
        called = entity.get("name") or entity.get("category")
        gathered.leave(where, f"the entity `{called}`", "values in a question are not told apart")
    for intent in gathered.intents.values():
        intent.hold(_NO_ANSWERS)
    return gathered


def _language(utterance: Mapping[str, Any], gathered: Gathered) -> str:
    named = locale_of(utterance.get("language"))
    return OWN if named == gathered.locale else named


def gather_lu(where: str, text: str) -> Gathered:
    """Return the intents of a `.lu` or `.qna` file."""
    gathered = Gathered("a .lu file" if where.lower().endswith(".lu") else "a .qna file")
    reading = _LuText(gathered, where)
    for line in text.splitlines():
        reading.line(line)
    reading.end()
    for intent in gathered.intents.values():
        if not intent.answers:
            intent.hold(_NO_ANSWERS)
    return gathered


def _utterance(gathered: Gathered, where: str, name: str, text: str) -> None:
    if name.lower() == "none":
        gathered.leave(where, text, "it belongs to no intent")
        return
    plain = text
    for _ in range(4):  # marks may stand inside marks
        plain = _MARK.sub(r"\1", plain)
    if _OPEN.search(plain):
        gathered.leave(where, text, "a template of values, not a question")
        return
    if plain != text:
        gathered.leave(where, f"entity marks in the utterances of `{name}`", "the words stay, the marks do not")
    gathered.intent(name).ask(plain)


class _LuText:
    """Reading of lines: utterances below their intent, or questions with their answer, fenced or as an item."""

    def __init__(self, gathered: Gathered, where: str) -> None:
        self._gathered = gathered
        self._where = where
        self._section = ""
        self._questions: list[str] = []
        self._answer: list[str] = []
        self._fenced = False

    def line(self, line: str) -> None:
        heading, item = _HEADING.match(line), _ITEM.match(line)
        if line.strip().startswith(_FENCE):
            self._fence()
        elif self._fenced:
            self._answer.append(line)
        elif heading:
            self._heading(heading["text"])
        elif item and self._questions:
            self._questions.append(item["text"])
        elif item and self._section:
            _utterance(self._gathered, self._where, self._section, item["text"])
        elif line.strip().startswith(("@", "$", "[")):
            self._gathered.leave(self._where, line.strip(), "entities and links to other files do not come along")

    def _fence(self) -> None:
        self._fenced = not self._fenced
        if not self._fenced and self._questions:
            self._pair("\n".join(self._answer))
        self._answer = []

    def _heading(self, text: str) -> None:
        if text.startswith("?"):
            self.end()
            self._section, self._questions = "", [text.lstrip("? ").strip()]
        elif not text.startswith(("!", ">")):
            self.end()
            self._section = "" if text.startswith(("$", "@")) else text

    def end(self) -> None:
        """Take the last item of questions without a fence as their answer, as simple files write it."""
        if len(self._questions) > 1:
            self._pair(self._questions.pop())
        elif self._questions:
            self._gathered.leave(self._where, self._questions[0], "it has no answer")
        self._questions = []

    def _pair(self, answer: str) -> None:
        name = next(filter(None, self._questions), "")
        if name:
            intent = self._gathered.intent(name)
            intent.say(answer)
            for question in self._questions:
                intent.ask(question)
        self._questions = []
