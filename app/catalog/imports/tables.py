"""Tables of questions and answers: rows of a spreadsheet, a CSV or a list of JSON objects."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.catalog.imports.gathered import OWN, Gathered
from app.catalog.imports.words import cleaned, locale_of

HEADINGS: dict[str, tuple[str, ...]] = {
    "question": (
        "question", "questions", "phrase", "phrases", "utterance", "prompt", "q", "text", "query", "user question",
        "training phrases", "training phrase", "frage", "fragen", "kundenfrage", "pregunta", "preguntas", "domanda",
        "domande", "pergunta", "perguntas", "vraag", "vragen", "pytanie",
    ),
    "answer": (
        "answer", "answers", "response", "responses", "reply", "a", "solution", "antwort", "antworten",
        "antworttext", "réponse", "réponses", "reponse", "respuesta", "respuestas", "risposta", "risposte",
        "resposta", "respostas", "antwoord", "antwoorden", "odpowiedź",
    ),
    "intent": ("intent", "intent name", "name (intent name)", "intention", "absicht", "key", "schlüssel"),
    "title": ("title", "titel", "titre", "título", "titolo", "subject", "betreff", "name", "bezeichnung"),
    "topic": (
        "topic", "category", "theme", "section", "group", "thema", "kategorie", "bereich", "rubrik", "catégorie",
        "thème", "categoría", "tema", "categoria", "onderwerp", "categorie",
    ),
    "locale": ("locale", "language", "lang", "sprache", "langue", "idioma", "lingua", "taal", "language code"),
    "url": ("link", "url", "website", "webseite", "lien", "enlace", "source url"),
}  # fmt: skip
"""Headings by what a column holds, in lower case."""

_GOES_ON = re.compile(r"(?:and|or|und|oder|et|ou|y|o|e|en|of)\b", re.IGNORECASE)
_MARKER = re.compile(r"^(?:[-*•–·]|\d{1,2}[.)])\s+")
_MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Columns:
    """Meaning of a table's columns: the heading of each one that is used, and those that are not."""

    used: Mapping[str, str]
    others: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Return whether there are questions, and answers or intents."""
        return "question" in self.used and bool({"answer", "intent"} & self.used.keys())


def columns_of(headings: Iterable[object], given: Mapping[str, str] | None = None) -> Columns:
    """Return what the columns of these headings hold; `given` are the author's words for it."""
    written = [text for heading in headings if (text := cleaned(heading))]
    used: dict[str, str] = {}
    for meaning, name in (given or {}).items():
        same = [heading for heading in written if heading.casefold() == cleaned(name).casefold()]
        used |= {meaning: same[0]} if same else {}
    for meaning, known in HEADINGS.items():
        ranked = sorted(
            (known.index(heading.casefold()), at)
            for at, heading in enumerate(written)
            if heading.casefold() in known and heading not in used.values()
        )
        if meaning not in used and ranked:
            used[meaning] = written[ranked[0][1]]
    return Columns(used, tuple(heading for heading in written if heading not in used.values()))


def gather_rows(
    rows: Sequence[tuple[int, Mapping[str, Any]]],
    where: str,
    *,
    columns: Columns | None = None,
    topic: str = "",
    into: Gathered | None = None,
) -> Gathered:
    """Return the intents of numbered rows: those with one intent, title or answer belong together."""
    gathered = into or Gathered("a table")
    headings = columns or columns_of(dict.fromkeys(str(key) for _, row in rows for key in row))
    blank, asked = 0, set[tuple[str, str]]()
    for number, row in rows[:_MOST_ROWS]:
        read = _TableRow(row, headings.used)
        if not read.questions and not read.answers:
            blank += 1
        elif read.lone and read.asks <= asked:
            gathered.leave(f"{where}:{number}", read.questions[0], "the same question again, without an answer")
        else:
            _add(gathered, read, topic)
            asked |= read.asks
    if blank:
        gathered.leave(where, f"{blank} row{'s' * (blank > 1)}", "neither a question nor an answer")
    for heading in headings.others:
        gathered.leave(where, f"the column `{heading}`", "no place in a catalog")
    if len(rows) > _MOST_ROWS:
        gathered.leave(where, f"rows from {_MOST_ROWS + 1} on", f"at most {_MOST_ROWS} rows are read")
    return gathered


class _TableRow:
    def __init__(self, row: Mapping[str, Any], used: Mapping[str, str]) -> None:
        plain = {cleaned(key): value for key, value in row.items() if key is not None}
        self._cells = {meaning: plain.get(heading) for meaning, heading in used.items()}
        self.questions = [text for cell in _listed(self._cells.get("question")) for text in _questions(cell)]
        self.answers = [text for cell in _listed(self._cells.get("answer")) if (text := _text(cell))]
        self.locale = locale_of(self._cells.get("locale")) or OWN
        self.url = _text(self._cells.get("url"))

    def __getitem__(self, meaning: str) -> str:
        return cleaned(self._cells.get(meaning))

    @property
    def asks(self) -> set[tuple[str, str]]:
        """Return the questions with their language."""
        return {(self.locale, cleaned(text)) for text in self.questions}

    @property
    def lone(self) -> bool:
        """Return whether nothing but its questions says what the row belongs to."""
        return not self.answers and not self["intent"] and not self["title"]

    @property
    def group(self) -> str:
        """Return what rows of one intent have in common."""
        return self["intent"] or self["title"] or (cleaned(self.answers[0]) if self.answers else self.questions[0])


def _add(gathered: Gathered, row: _TableRow, topic: str) -> None:
    fresh = row.group not in gathered.intents
    intent = gathered.intent(row.group)
    if fresh:
        intent.name = row["intent"] or row["title"] or (row.questions or row.answers)[0]
        intent.title = row["title"]
    intent.topic = intent.topic or row["topic"] or topic
    intent.url = intent.url or row.url
    for text in row.questions:
        intent.ask(text, row.locale)
    for text in row.answers:
        if cleaned(text) != cleaned((intent.answers.get(row.locale) or [""])[-1]):
            intent.say(text, row.locale)


def _listed(value: object) -> Iterator[object]:
    yield from value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    """Return a cell's text with its line breaks; a mapping says it under `text`."""
    if isinstance(value, dict):
        value = value.get("text", value.get("name"))
    if isinstance(value, str):
        return value.strip()
    return cleaned(value)


def _questions(cell: object) -> Iterator[str]:
    """Yield the questions of a cell: a line each where each line is one, else all lines as one."""
    lines = [line.strip() for line in _text(cell).splitlines() if line.strip()]
    pending = ""
    for line in lines:
        whole = pending.endswith(("?", "!", ".")) and not _GOES_ON.match(line)
        if pending and (whole or _MARKER.match(line)):
            yield _MARKER.sub("", pending)
            pending = line
        else:
            pending = f"{pending} {line}".strip()
    if pending:
        yield _MARKER.sub("", pending)


def pairs(document: object) -> list[tuple[int, Mapping[str, Any]]] | None:
    """Return the numbered rows of a JSON document, or None if it holds none.

    It is a list of objects, an object with one such list, or an object from questions to answers.
    """
    if isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list) and value]
        if len(lists) == 1 and isinstance(lists[0][0], dict):
            return pairs(lists[0])
        if document and all(isinstance(value, str) for value in document.values()) and _asks(document):
            return [(at, {"question": key, "answer": value}) for at, (key, value) in enumerate(document.items(), 1)]
        return None
    if not isinstance(document, list):
        return None
    rows: list[tuple[int, Mapping[str, Any]]] = [
        (at, one) for at, one in enumerate(document, 1) if isinstance(one, dict)
    ]
    return rows if rows and columns_of(str(key) for _, row in rows for key in row).usable else None


def _asks(document: Mapping[str, Any]) -> bool:
    return sum("?" in key or " " in key for key in document) * 2 > len(document)
