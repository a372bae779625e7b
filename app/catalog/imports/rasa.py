"""Rasa 2 and 3: `nlu`, `responses`, `rules` and `stories` of a project, whatever files they lie in."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.catalog.imports.gathered import Gathered, SourceIntent, mapping, mappings, strings
from app.catalog.model import Role

_ENTITY = re.compile(r"\[([^\[\]]{1,300})\](?:\([^()]{0,300}\)|\{[^{}]{0,300}\})")
_MARKER = re.compile(r"^\s*[-*]\s?")
_FALLBACK_INTENTS = frozenset({"nlu_fallback", "out_of_scope", "fallback", "oos", "default_fallback"})
_FALLBACK_UTTERANCES = ("utter_default", "utter_fallback", "utter_out_of_scope", "utter_please_rephrase")
_KEYS = frozenset({"nlu", "responses", "rules", "stories", "intents", "entities", "slots", "forms", "actions"})
_OTHER_PARTS = {
    "entities": "values in a question are not told apart",
    "slots": "nothing is remembered between questions",
    "forms": "a form asks back, an answer does not",
    "actions": "an action is a program",
    "e2e_actions": "an action is a program",
}
_OTHER_DATA = {
    "synonym": "write them as phrases",
    "regex": "values in a question are not told apart",
    "lookup": "values in a question are not told apart",
}

Documents = Iterable[tuple[str, object]]


def is_rasa(document: object) -> bool:
    """Return whether a parsed YAML file is a part of a Rasa project."""
    return isinstance(document, dict) and bool(_KEYS & document.keys()) and not document.keys() <= {"intents", "nlg"}


def gather_rasa(documents: Documents) -> Gathered:
    """Return the intents of a project: their examples, and what rules, responses or stories utter after them."""
    gathered = Gathered("a Rasa project")
    parts = [(where, one) for where, one in documents if isinstance(one, dict)]
    said = _Utterances(parts, gathered)
    for where, one in parts:
        for entry in mappings(one.get("nlu")):
            _entry(gathered, where, entry)
        for key, why in _OTHER_PARTS.items():
            if one.get(key):
                gathered.leave(where, f"`{key}`", why)
    for intent in list(gathered.intents.values()):
        said.answer(intent)
    _fallback(gathered, said)
    return gathered


def _entry(gathered: Gathered, where: str, entry: Mapping[str, Any]) -> None:
    for key, why in _OTHER_DATA.items():
        if key in entry:
            gathered.leave(where, f"{key} `{entry[key]}`", why)
    name = entry.get("intent")
    if not isinstance(name, str) or not name.strip():
        return
    examples = list(_examples(entry.get("examples")))
    if name.partition("/")[0].lower() in _FALLBACK_INTENTS:
        gathered.leave(where, f"{len(examples)} examples of `{name}`", "what nothing answers is found without examples")
        return
    intent = gathered.intent(name)
    if "/" in name:
        intent.topic = name.partition("/")[0]
    for text in examples:
        plain = _ENTITY.sub(r"\1", text)
        if plain != text:
            gathered.leave(where, f"entity marks in the examples of `{name}`", "the words stay, the marks do not")
        intent.ask(plain)


def _examples(examples: object) -> Iterator[str]:
    """Yield examples of a block of lines, or of a list whose items may carry metadata."""
    if isinstance(examples, str):
        yield from (text for line in examples.splitlines() if (text := _MARKER.sub("", line).strip()))
    elif isinstance(examples, list):
        for one in examples:
            yield from _examples(one.get("text") if isinstance(one, dict) else one)


class _Utterances:
    """Utterances of the bot: responses by name, and which one follows an intent."""

    def __init__(self, parts: list[tuple[str, dict[str, Any]]], gathered: Gathered) -> None:
        self._gathered = gathered
        self._responses: dict[str, tuple[str, list[dict[str, Any]]]] = {}
        for where, one in parts:
            for name, variants in mapping(one.get("responses")).items():
                known = self._responses.setdefault(str(name), (where, []))[1]
                known += [variant if isinstance(variant, dict) else {"text": variant} for variant in _listed(variants)]
        self._rules = _following(rule for _, one in parts for rule in mappings(one.get("rules")))
        self._stories = _following(story for _, one in parts for story in mappings(one.get("stories")))

    def texts(self, name: str) -> list[dict[str, Any]]:
        return self._responses.get(name, ("", []))[1]

    def answer(self, intent: SourceIntent) -> None:
        """Give an intent what is uttered after it: by a rule, by the name, else by most of the stories."""
        followed = self._rules.get(intent.name, []) or [f"utter_{intent.name}"]
        found = [name for name in followed if name in self._responses]
        found = found or [name for name in self._stories.get(intent.name, []) if name in self._responses]
        actions = [*self._rules.get(intent.name, ()), *self._stories.get(intent.name, ())]
        for name in found:
            self.say(intent, name)
        programs = [name for name in actions if not name.startswith("utter_") and name not in _HARMLESS]
        if not intent.answers and programs:
            intent.hold(f"the action `{programs[0]}` answers it, which is a program")

    def say(self, intent: SourceIntent, name: str) -> None:
        where, variants = self._responses[name]
        for variant in variants:
            if variant.get("condition"):
                self._gathered.leave(where, f"a variant of `{name}`", "it has a condition, and nothing is remembered")
                continue
            intent.say(variant.get("text"))
            self._extras(intent, where, name, variant)

    def _extras(self, intent: SourceIntent, where: str, name: str, variant: Mapping[str, Any]) -> None:
        for button in (*mappings(variant.get("buttons")), *mappings(variant.get("quick_replies"))):
            target = str(button.get("payload", "")).strip().removeprefix("/").partition("{")[0]
            if target and target != intent.name:
                intent.next.append(target)
        for key in ("image", "attachment", "custom", "elements"):
            if variant.get(key):
                self._gathered.leave(where, f"`{key}` of `{name}`", "an answer is words, and a card with a link")


_HARMLESS = frozenset({"action_listen", "action_restart", "action_back", "action_default_fallback"})


def _following(flows: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return for each intent what most often comes right after it, until the next intent."""
    seen: dict[str, Counter[tuple[str, ...]]] = {}
    for flow in flows:
        intent, actions = "", list[str]()
        for step in (*mappings(flow.get("steps")), {"intent": ""}):
            if "intent" in step:
                if intent and actions:
                    seen.setdefault(intent, Counter())[tuple(actions)] += 1
                intent, actions = str(step["intent"]), []
            elif "user" in step or "or" in step:
                intent, actions = "", []
            elif "action" in step:
                actions.append(str(step["action"]))
    return {name: list(counted.most_common(1)[0][0]) for name, counted in seen.items()}


def _fallback(gathered: Gathered, said: _Utterances) -> None:
    for name in _FALLBACK_UTTERANCES:
        if said.texts(name):
            intent = gathered.intent("unclear")
            intent.role, intent.title = Role.UNCLEAR, "Not understood"
            said.say(intent, name)
            return


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else list(strings(value))
