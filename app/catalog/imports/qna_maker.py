"""QnA Maker and custom question answering: pairs with several questions each, as JSON or as a TSV."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from app.catalog.imports.gathered import Gathered, SourceIntent, mapping, mappings, strings
from app.catalog.imports.words import cleaned, locale_of

_LISTS = ("qnaDocuments", "qnaList", "qnaPairs", "Qnas", "qnas")
_NO_ANSWER = frozenset({"no good match found in kb.", "no answer found", "default answer"})


def pairs_of(document: object) -> list[dict[str, Any]] | None:
    """Return the pairs of an exported knowledge base, or None if a document is none."""
    if not isinstance(document, dict):
        return None
    for holder in (document, mapping(document.get("Assets")), mapping(document.get("assets"))):
        for key in _LISTS:
            found = list(mappings(holder.get(key)))
            if found and any(_get(one, "questions") for one in found) and "data" not in found[0]:
                return found
    return None


def gather_qna(where: str, pairs: Iterable[Mapping[str, Any]], document: object = None) -> Gathered:
    """Return an intent for each pair, with its follow-up prompts as chips."""
    gathered = Gathered("a QnA knowledge base")
    settings = mapping(mapping(document).get("Metadata")) or mapping(mapping(document).get("metadata"))
    gathered.locale = locale_of(settings.get("Language") or settings.get("language"))
    listed = list(pairs)
    names = {str(_get(one, "id")): _name(one) for one in listed if _get(one, "id") not in (None, "", 0)}
    for one in listed:
        _pair(gathered, where, one, names)
    for key in ("Synonyms", "wordAlterations"):
        if mapping(mapping(document).get("Assets")).get(key) or mapping(document).get(key):
            gathered.leave(where, f"`{key}`", "write them as phrases")
    return gathered


def _pair(gathered: Gathered, where: str, one: Mapping[str, Any], names: Mapping[str, str]) -> None:
    name = _name(one)
    if not name:
        return
    intent = gathered.intent(name)
    intent.title = intent.name
    for question in strings(_get(one, "questions")):
        intent.ask(question)
    answer = _get(one, "answer")
    if cleaned(answer).casefold() in _NO_ANSWER:
        gathered.leave(where, cleaned(answer), "the place-holder for no answer")
    elif isinstance(answer, str) and answer not in intent.answers.get("", ()):
        intent.say(answer)
    if _get(one, "metadata"):
        gathered.leave(where, f"the metadata of `{name}`", "no place in a catalog")
    _context(gathered, where, intent, mapping(_get(one, "context") or _get(one, "dialog")), names)


def _context(
    gathered: Gathered, where: str, intent: SourceIntent, context: Mapping[str, Any], names: Mapping[str, str]
) -> None:
    if _get(context, "isContextOnly") in (True, "True", "true"):
        intent.hold("it is asked in the context of another answer only")
    for prompt in mappings(_get(context, "prompts")):
        target = names.get(str(_get(prompt, "qnaId")))
        if target and target != intent.name:
            intent.next.append(target)
        elif not target:
            gathered.leave(where, f"the prompt `{_get(prompt, 'displayText')}`", "it leads to nothing in this export")


def _name(one: Mapping[str, Any]) -> str:
    return next((text for text in map(cleaned, strings(_get(one, "questions"))) if text), "")


def _get(one: Mapping[str, Any], key: str) -> Any:
    """Return a value whatever the case of its key's first letter: the two services differ in it."""
    return one.get(key, one.get(key[:1].upper() + key[1:]))


def is_qna_table(headings: Iterable[str]) -> bool:
    """Return whether a table with these headings is an exported knowledge base."""
    known = {heading.casefold() for heading in headings}
    return {"question", "answer"} <= known and bool({"qnaid", "suggestedquestions", "iscontextonly"} & known)


def pairs_of_table(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of an exported TSV as pairs: rows of one id, else of one answer, are one pair."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        cells = {cleaned(key).casefold(): value for key, value in row.items() if isinstance(value, str)}
        answer = cells.get("answer", "").replace("\\n", "\n")
        pair = found.setdefault(
            cells.get("qnaid") or answer,
            {
                "id": cells.get("qnaid"),
                "questions": [],
                "answer": answer,
                "metadata": cells.get("metadata"),
                "context": {"isContextOnly": cells.get("iscontextonly"), "prompts": _parsed(cells.get("prompts"))},
            },
        )
        pair["questions"].append(cells.get("question", ""))
    return list(found.values())


def _parsed(text: str | None) -> object:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
