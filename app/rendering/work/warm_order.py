"""Order of warming: what the first talk needs, what is asked most, what the chips offer, and then the rest."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import IntEnum

from app.catalog.model import Catalog, Intent, Role
from app.rendering.plan.clips import CatalogLine
from app.rendering.plan.planner import Plan

Asked = Mapping[tuple[str, str], int]
"""Number of turns by intent and the visitor's locale, from the turn log."""

_OPENING = (Role.IDLE, Role.GREETING, Role.HOLDING)
"""Roles that every talk meets. The idle loop comes first: some renderers make every other clip from it."""


class _Tier(IntEnum):
    """Group of lines, the first to be rendered first."""

    OPENING = 0
    ASKED = 1
    FIRST_CHIPS = 2
    OTHER_ROLES = 3
    LATER_CHIPS = 4
    REST = 5
    ASKED_VARIANTS = 6
    OTHERS = 7


_Place = tuple[int, ...]


def in_order(plan: Plan, catalog: Catalog, asked: Asked) -> Plan:
    """Return the plan with its clips in the order in which visitors need them; the same input, the same order."""
    order = _WarmOrder(catalog, asked)
    items = sorted(plan.items, key=lambda item: min(map(order.place, item.wanted.lines), default=(_Tier.OTHERS,)))
    return replace(plan, items=tuple(items))


def opens_talk(line: CatalogLine, catalog: Catalog) -> bool:
    """Return whether a talk begins with this line: the idle loop or the greeting, as a new session gets them."""
    roles = (catalog.in_role(role) for role in (Role.IDLE, Role.GREETING))
    first = [intents[0].id for intents in roles if intents]
    return line.intent in first and line.locale == catalog.default_locale and line.variant == 0


class _WarmOrder:
    """Places of a catalog's lines, by recorded traffic and the chips that lead from the greeting onwards."""

    def __init__(self, catalog: Catalog, asked: Asked) -> None:
        self._default = catalog.default_locale
        self._openings = [intents[0].id for role in _OPENING if (intents := catalog.in_role(role))]
        self._counts, self._talks = _counts(catalog, asked)
        self._first_chips, self._later_chips = _chips(catalog)

    def place(self, line: CatalogLine) -> _Place:
        """Return what lines are sorted by; equal places stay in the catalog's order."""
        local, first = line.locale != self._default, line.variant == 0
        if first and not local and line.intent in self._openings:
            return (_Tier.OPENING, self._openings.index(line.intent))
        asked = self._asked(line)
        if asked:
            return (_Tier.ASKED if first else _Tier.ASKED_VARIANTS, -asked, local, line.role is Role.ANSWER)
        return self._unasked(line) if first and not local else (_Tier.OTHERS, local, line.variant)

    def _unasked(self, line: CatalogLine) -> _Place:
        """Return the place of the first variant in the default locale."""
        if line.intent in self._first_chips:
            return (_Tier.FIRST_CHIPS, self._first_chips[line.intent])
        if line.role is not Role.ANSWER:
            return (_Tier.OTHER_ROLES,)
        if line.intent in self._later_chips:
            return (_Tier.LATER_CHIPS, self._later_chips[line.intent])
        return (_Tier.REST,)

    def _asked(self, line: CatalogLine) -> int:
        """Return how often the line is asked for; what the conversation plays itself is met in every talk."""
        own = self._counts[line.intent, line.locale]
        return own if line.role in {Role.ANSWER, Role.FAREWELL, Role.URGENT} else max(own, self._talks[line.locale])


def _counts(catalog: Catalog, asked: Asked) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """Add the turns up by the line that plays, and by locale; an answer without one's own locale plays the default."""
    counts: Counter[tuple[str, str]] = Counter()
    talks: Counter[str] = Counter()
    by_id: dict[str, Intent] = {intent.id: intent for intent in catalog.intents}
    for (intent_id, locale), turns in asked.items():
        talks[locale] += turns
        intent = by_id.get(intent_id)
        if intent is not None:
            counts[intent_id, locale if locale in intent.answer else catalog.default_locale] += turns
    return counts, talks


def _chips(catalog: Catalog) -> tuple[dict[str, int], dict[str, int]]:
    """Return the numbers of the greeting's chips, and of those that they lead to, the nearest first."""
    by_id = {intent.id: intent for intent in catalog.intents}
    greetings = catalog.in_role(Role.GREETING)
    first = dict.fromkeys(chip for intent in greetings[:1] for chip in intent.next)
    reached = dict.fromkeys(_walk(tuple(first), by_id))
    later = [chip for chip in reached if chip not in first]
    return {chip: number for number, chip in enumerate(first)}, {chip: number for number, chip in enumerate(later)}


def _walk(start: tuple[str, ...], by_id: Mapping[str, Intent]) -> Iterator[str]:
    """Yield the chips that can be reached, level by level."""
    seen, waiting = set(start), deque(start)
    while waiting:
        chip = waiting.popleft()
        yield chip
        following = by_id[chip].next if chip in by_id else ()
        waiting.extend(one for one in dict.fromkeys(following) if one not in seen)
        seen.update(following)
