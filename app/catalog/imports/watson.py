"""Watson Assistant: a dialog skill with its nodes, or an actions skill with its steps."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.catalog.imports.gathered import Gathered, mapping, mappings, strings
from app.catalog.imports.words import locale_of
from app.catalog.model import Role

_INTENT = re.compile(r"#([\w.-]+)")
_ONE_INTENT = re.compile(r"\s*\(?\s*#([\w.-]+)\s*\)?\s*")
_SEVERAL = re.compile(r"\s*#[\w.-]+(?:\s*(?:\|\||or|OR)\s*#[\w.-]+)+\s*")
_ENTITY = re.compile(r"(?<![\w.@])@[A-Za-z][\w-]{2,}(?!\.\w)")
_PART = "it is said on a condition, not to a question"


def is_watson(document: object) -> bool:
    """Return whether a document is an exported skill."""
    if not isinstance(document, dict):
        return False
    workspace = mapping(document.get("workspace")) or document
    intents = list(mappings(workspace.get("intents")))
    return any("examples" in one and "intent" in one for one in intents) or bool(
        list(mappings(workspace.get("actions")))
    )


def gather_watson(where: str, document: Mapping[str, Any]) -> Gathered:
    """Return the intents of a skill, with what the nodes or actions say to them."""
    gathered = Gathered("a Watson Assistant skill")
    workspace = mapping(document.get("workspace")) or document
    gathered.name = str(document.get("name") or "")
    gathered.locale = locale_of(document.get("language"))
    for entry in mappings(workspace.get("intents")):
        intent = gathered.intent(str(entry.get("intent") or ""))
        for example in mappings(entry.get("examples")):
            if example.get("mentions"):
                gathered.leave(where, f"entity marks in `{intent.name}`", "the words stay, the marks do not")
            intent.ask(example.get("text"))
    gathered.intents.pop("", None)
    for entity in mappings(workspace.get("entities")):
        gathered.leave(where, f"the entity `{entity.get('entity')}`", "values in a question are not told apart")
    for example in mappings(workspace.get("counterexamples")):
        gathered.leave(where, str(example.get("text")), "what nothing answers is found without examples")
    nodes = list(mappings(workspace.get("dialog_nodes")))
    folders = _folders(nodes)
    for node in nodes:
        _node(gathered, where, node, inner=_inner(node, folders))
    for action in mappings(workspace.get("actions")):
        _action(gathered, action)
    return gathered


_STAGES = {"welcome": Role.GREETING, "conversation_start": Role.GREETING, "anything_else": Role.UNCLEAR}


def _folders(nodes: list[dict[str, Any]]) -> dict[str, str]:
    """Return the folders without a condition, each with its own parent."""
    return {
        str(one.get("dialog_node")): str(one.get("parent") or "")
        for one in nodes
        if one.get("type") == "folder" and not one.get("conditions")
    }


def _inner(node: Mapping[str, Any], folders: Mapping[str, str]) -> bool:
    """Return whether a node is reached only after another one; a folder without a condition is no other one."""
    above, seen = str(node.get("parent") or ""), set[str]()
    while above in folders and above not in seen:
        seen.add(above)
        above = folders[above]
    return bool(above)


def _node(gathered: Gathered, where: str, node: Mapping[str, Any], *, inner: bool) -> None:
    condition, texts = str(node.get("conditions") or "").strip(), list(_texts(gathered, where, node))
    if not texts:
        return
    if condition in _STAGES and not inner:
        intent = gathered.intent(condition)
        intent.role, intent.answers = _STAGES[condition], {"": texts}
    elif inner or not (_ONE_INTENT.fullmatch(condition) or _SEVERAL.fullmatch(condition)):
        named = _INTENT.search(condition)
        if named and named[1] in gathered.intents and not gathered.intents[named[1]].answers:
            gathered.intents[named[1]].hold(f"it is answered only where `{condition[:80]}`")
        gathered.leave(where, texts[0], _PART)
    else:
        _answer(gathered, where, node, condition, texts)


def _answer(gathered: Gathered, where: str, node: Mapping[str, Any], condition: str, texts: list[str]) -> None:
    for name in _INTENT.findall(condition):
        intent = gathered.intent(name)
        for text in texts:
            intent.say(text)
        if node.get("context") or node.get("actions"):
            what = f"what the node of `{name}` remembers or calls"
            gathered.leave(where, what, "nothing is remembered, and no program runs")


def _texts(gathered: Gathered, where: str, node: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a node says; a text with an entity in it is none."""
    output = mapping(node.get("output"))
    said = output.get("text")
    found = [*strings(said), *strings(mapping(said).get("values"))]
    for part in mappings(output.get("generic")):
        kind = str(part.get("response_type") or "text")
        if kind == "text":
            found += [text for value in mappings(part.get("values")) for text in strings(value.get("text"))]
            found += list(strings(part.get("text")))
        else:
            gathered.leave(where, f"a response of type `{kind}`", "an answer is words, and a card with a link")
    for text in found:
        if _ENTITY.search(text):
            gathered.leave(where, text, "it has a place in it that only a program fills")
        else:
            yield text


def _action(gathered: Gathered, action: Mapping[str, Any]) -> None:
    name = str(mapping(action.get("condition")).get("intent") or "")
    if not name:
        name = next((text for text in map(str, _conditions(action.get("condition")))), "")
    if not name:
        return
    intent = gathered.intent(name)
    title = action.get("title")
    intent.title = title if isinstance(title, str) else intent.title
    steps = list(mappings(action.get("steps")))
    texts = [text for step in steps[:1] for text in _expressions(mapping(step.get("output")))]
    if name == "welcome":
        intent.role = Role.GREETING
    elif name in {"anything_else", "fallback"} or name.startswith("fallback"):
        intent.role = Role.UNCLEAR
    intent.answers = {"": texts} if texts else {}
    if len(steps) > 1:
        intent.hold(f"it is a talk of {len(steps)} steps; the first one's words are here")


def _conditions(condition: object) -> Iterator[str]:
    for one in mappings(mapping(condition).get("and")) or ():
        if isinstance(one.get("intent"), str):
            yield one["intent"]


def _expressions(output: Mapping[str, Any]) -> Iterator[str]:
    for part in mappings(output.get("generic")):
        for value in mappings(part.get("values")):
            yield from strings(value.get("text"))
            pieces = list(mappings(mapping(value.get("text_expression")).get("concat")))
            whole = "".join(str(one.get("scalar", "{variable}")) for one in pieces)
            if whole:
                yield whole
