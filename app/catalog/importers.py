"""Importers: drafts of intents from exports of Rasa NLU, question-and-answer tables and Dialogflow ES.

They work on parsed documents of unknown quality: what does not look as expected is passed over.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_QUESTION_KEYS = ("question", "phrase", "utterance", "prompt", "q", "text")
_ANSWER_KEYS = ("answer", "response", "reply", "a")


@dataclass(frozen=True, slots=True)
class IntentDraft:
    """Draft of an intent: its id, title, phrases and answer variants in one locale."""

    id: str
    title: str
    phrases: tuple[str, ...]
    answers: tuple[str, ...]


def from_pairs(rows: Iterable[Mapping[str, Any]]) -> tuple[IntentDraft, ...]:
    """Return the drafts of a table.

    Rows with the same `intent`, else with the same answer, are one intent.
    """
    groups: dict[str, tuple[str, list[str], list[str]]] = {}
    for row in rows:
        plain = {str(key).strip().lower(): cleaned(value) for key, value in row.items() if key is not None}
        question = _first(plain, _QUESTION_KEYS)
        answer = _first(plain, _ANSWER_KEYS)
        if not question:
            continue
        name = plain.get("intent") or plain.get("id") or ""
        _, phrases, answers = groups.setdefault(name or answer or question, (name or question, [], []))
        phrases.append(question)
        answers.append(answer)
    return _drafts(groups.values())


def from_rasa(documents: Iterable[object]) -> tuple[IntentDraft, ...]:
    """Return the drafts of Rasa's `nlu`, `responses` and `rules`.

    An answer is what a rule utters, else `utter_<intent>`.
    """
    parsed = [document for document in documents if isinstance(document, dict)]
    responses = {name: _texts(variants) for one in parsed for name, variants in _pairs(one.get("responses"))}
    rule_utterances = dict(found for one in parsed for rule in _dicts(one.get("rules")) if (found := _rule(rule)))
    intents = [entry for one in parsed for entry in _dicts(one.get("nlu")) if isinstance(entry.get("intent"), str)]
    return _drafts(
        (
            entry["intent"],
            _examples(entry.get("examples")),
            responses.get(rule_utterances.get(entry["intent"], ""), [])
            or responses.get(f"utter_{entry['intent']}", []),
        )
        for entry in intents
    )


def from_dialogflow(intents: Iterable[tuple[object, object]]) -> tuple[IntentDraft, ...]:
    """Return the drafts of Dialogflow ES: pairs of an intent's JSON and its `usersays` JSON."""
    return _drafts(
        (str(intent["name"]), [_phrase_text(one) for one in _dicts(usersays)], _messages(intent))
        for intent, usersays in intents
        if isinstance(intent, dict) and intent.get("name")
    )


def slug(text: str) -> str:
    """Return an id made of a text: its first words in lower case, joined by hyphens."""
    words = re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))
    return "-".join(words)[:48].strip("-") or "intent"


def cleaned(value: object) -> str:
    """Return a text on one line, without control characters; empty for anything else but numbers."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    line = " ".join(str(value).split())
    return "".join(char for char in line if char.isprintable())[:2000].strip()


def _drafts(entries: Iterable[tuple[str, list[str], list[str]]]) -> tuple[IntentDraft, ...]:
    drafts: dict[str, IntentDraft] = {}
    for title, phrases, answers in entries:
        name = slug(title)
        number = 2
        while name in drafts:
            name = f"{slug(title)}-{number}"
            number += 1
        drafts[name] = IntentDraft(name, cleaned(title)[:200] or name, _once(phrases), _once(answers))
    return tuple(drafts.values())


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _first(row: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((row[key] for key in keys if row.get(key)), "")


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def _pairs(value: object) -> Iterator[tuple[str, object]]:
    return ((str(key), one) for key, one in value.items()) if isinstance(value, dict) else iter(())


def _texts(variants: object) -> list[str]:
    return [cleaned(one.get("text")) for one in _dicts(variants)]


def _examples(examples: object) -> list[str]:
    lines = examples.splitlines() if isinstance(examples, str) else []
    return [cleaned(_ENTITY.sub(r"\1", line.strip().removeprefix("-"))) for line in lines]


def _rule(rule: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return intent and utterance of a rule that answers one intent with one utterance, else None."""
    steps = list(_dicts(rule.get("steps")))
    intents = [str(step["intent"]) for step in steps if "intent" in step]
    actions = [str(step["action"]) for step in steps if str(step.get("action", "")).startswith("utter_")]
    return (intents[0], actions[0]) if len(intents) == 1 and actions else None


def _phrase_text(phrase: Mapping[str, Any]) -> str:
    return cleaned("".join(str(part.get("text", "")) for part in _dicts(phrase.get("data"))))


def _messages(intent: Mapping[str, Any]) -> list[str]:
    speeches = [
        message.get("speech")
        for response in _dicts(intent.get("responses"))
        for message in _dicts(response.get("messages"))
    ]
    return [cleaned(text) for speech in speeches for text in (speech if isinstance(speech, list) else [speech])]
