"""Rules about names: every id is one intent, every reference is a known id, every role is played."""

from collections.abc import Iterator, Mapping

from app.catalog.findings import CATALOG_FILE, Finding, SourceLine, intent_file
from app.catalog.model import Role
from app.catalog.rules.context import Context, error, warning
from app.catalog.validation_messages import did_you_mean

_WITHOUT = {
    Role.GREETING: "visitors are not welcomed",
    Role.IDLE: "the picture stands still between answers",
    Role.HOLDING: "visitors wait in silence while an answer is made",
    Role.UNCLEAR: "a question that nothing answers gets text only",
    Role.APOLOGY: "a failure is told in text only",
    Role.FAREWELL: "nobody says goodbye",
}


def duplicate_ids(context: Context) -> Iterator[Finding]:
    """One file stem in two topics."""
    first: dict[str, str] = {}
    for intent in context.catalog.intents:
        file = intent_file(intent.topic, intent.id)
        other = first.setdefault(intent.id, file)
        if other != file:
            message = f"Expected one intent `{intent.id}`, got `{other}` too."
            yield error("intent-twice", SourceLine(file, 0), message, "Rename one of the files.")


def unknown_next(context: Context) -> Iterator[Finding]:
    """Chips that lead nowhere, or to the same intent."""
    known = [intent.id for intent in context.catalog.intents]
    for intent in context.catalog.intents:
        for at, name in enumerate(intent.next):
            place = context.place(intent, "next", at)
            if name not in known:
                message = f"Expected the id of an intent in `next`, got `{name}`."
                yield error("reference", place, message, did_you_mean(name, known))
            elif name == intent.id:
                message = "Expected other intents in `next`, got the intent itself."
                yield warning("reference-self", place, message, "Remove it.")


def unknown_then(context: Context) -> Iterator[Finding]:
    """Results of functions that no intent tells, or that call each other for ever."""
    intents = {intent.id: intent for intent in context.catalog.intents}
    after = {one.id: one.call.then for one in intents.values() if one.call and one.call.then}
    for name, then in after.items():
        place = context.place(intents[name], "call", "then")
        if then not in intents:
            message = f"Expected the id of an intent in `then`, got `{then}`."
            yield error("reference", place, message, did_you_mean(then, list(intents)))
        elif _comes_back(name, after):
            message = f"Expected an end after the function, got `{then}`, which leads to this intent again."
            yield error("call-circle", place, message, "Let `then` name an intent without a `call`.")


def unknown_calls(context: Context) -> Iterator[Finding]:
    """Intents that a chat model may answer with, which have no function of the page."""
    with_call = [intent.id for intent in context.catalog.intents if intent.call]
    for at, name in enumerate(context.catalog.fallback.calls):
        if name not in with_call:
            message = f"Expected the id of an intent with a `call` in `fallback.calls`, got `{name}`."
            place = context.places.find(CATALOG_FILE, "fallback", "calls", at)
            yield error("reference", place, message, did_you_mean(name, with_call))


def _comes_back(name: str, after: Mapping[str, str]) -> bool:
    """Return whether an intent follows itself."""
    seen: set[str] = set()
    at: str | None = name
    while at is not None and at not in seen:
        seen.add(at)
        at = after.get(at)
    return at == name


def unknown_players(context: Context) -> Iterator[Finding]:
    """Roles given to unknown intents."""
    known = [intent.id for intent in context.catalog.intents]
    for role, names in context.catalog.roles.items():
        for at, name in enumerate(names):
            if name not in known:
                place = context.places.find(CATALOG_FILE, "roles", role.value, at)
                message = f"Expected the id of an intent for the role `{role}`, got `{name}`."
                yield error("reference", place, message, did_you_mean(name, known))


def missing_roles(context: Context) -> Iterator[Finding]:
    """Roles that no intent plays; the conversation has text for each of them."""
    for role, loss in _WITHOUT.items():
        if not context.catalog.roles.get(role):
            place = context.places.find(CATALOG_FILE, "roles")
            message = f"Expected an intent with `role: {role}`, got none: {loss}."
            yield warning("role-missing", place, message, f"Write `roles/{role}.yaml`.")
