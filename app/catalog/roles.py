"""Roles: the intents that play greeting, idle, holding and the rest.

They come from `catalog.yaml`, else from each intent's own `role`.
"""

from collections.abc import Iterable, Mapping

from app.catalog.findings import Complaint
from app.catalog.model import IntentFile, Role

RoleIntents = dict[Role, tuple[str, ...]]


def settle_roles(
    listed: Mapping[Role, tuple[str, ...]], intents: Iterable[tuple[str, IntentFile]]
) -> tuple[RoleIntents, tuple[Complaint, ...]]:
    """Return the intents of each role, and complaints about contradictions in `catalog.yaml`.

    A role that `catalog.yaml` lists is played by those intents; any other by the intents that name it in
    their own file.
    """
    own: dict[str, Role | None] = {}
    for name, intent in intents:
        own[name] = own.get(name) or _own_role(intent)
    players: RoleIntents = {role: ids for role, ids in listed.items() if ids and role is not Role.ANSWER}
    for role in Role:
        own_players = tuple(name for name, mine in own.items() if mine is role)
        if role is not Role.ANSWER and role not in players and own_players:
            players[role] = own_players
    return players, (*_listed_twice(listed), *_contradictions(listed, own))


def role_of(intent_id: str, players: RoleIntents) -> Role:
    """Return the role in which an intent is served."""
    return next((role for role, ids in players.items() if intent_id in ids), Role.ANSWER)


def _own_role(intent: IntentFile) -> Role | None:
    return intent.role if "role" in intent.model_fields_set else None


def _listed_twice(listed: Mapping[Role, tuple[str, ...]]) -> Iterable[Complaint]:
    seen: dict[str, Role] = {}
    for role, ids in listed.items():
        for at, name in enumerate(ids):
            first = seen.setdefault(name, role)
            if first is not role:
                message = f"Expected one role for `{name}`, got `{first}` and `{role}`."
                yield Complaint("role-conflict", ("roles", role.value, at), message, "Remove it from one of them.")


def _contradictions(listed: Mapping[Role, tuple[str, ...]], own: Mapping[str, Role | None]) -> Iterable[Complaint]:
    for role, ids in listed.items():
        for at, name in enumerate(ids):
            mine = own.get(name)
            if mine is not None and mine is not role:
                message = f"Expected one role for `{name}`, got `{role}` here and `{mine}` in its own file."
                yield Complaint("role-conflict", ("roles", role.value, at), message, "Make the two agree.")
    named = {name for ids in listed.values() for name in ids}
    for name, mine in own.items():
        if mine is not None and mine is not Role.ANSWER and listed.get(mine) and name not in named:
            message = f"Expected `{name}` under `{mine}`, because its own file says so, got others only."
            yield Complaint("role-conflict", ("roles", mine.value), message, "Add it here or remove its `role`.")
