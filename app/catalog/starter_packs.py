"""Starter packs: intents that come with the package, switched on by `starter` in `catalog.yaml`.

They are merged in as if they lay in the catalog, in the languages that it has. What the author wrote goes first: an
intent of the same id, the same phrase, a role that is played already.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.catalog.facts import Facts, FactText
from app.catalog.field_types import Slug
from app.catalog.model import STARTERS_FOLDER, IntentFile, Role, StarterFile
from app.catalog.roles import RoleIntents
from app.text import fold

Taken = frozenset[tuple[str, str]]
"""Locale and folded text of each phrase that the author uses."""

_T = TypeVar("_T")

_ADDED = frozenset({Role.ANSWER, Role.URGENT})


@dataclass(frozen=True, slots=True)
class StarterIntent:
    """Intent of a pack, in the languages of one catalog."""

    id: Slug
    pack: str
    described: IntentFile

    @property
    def topic(self) -> str:
        """Return the topic that says where the intent comes from."""
        return f"{STARTERS_FOLDER}/{self.pack}"


def fitted_to(
    written: StarterFile,
    *,
    locales: Sequence[str],
    default: str,
    taken: frozenset[tuple[str, str]],
    chips: Sequence[str],
) -> IntentFile | None:
    """Return the intent in the locales of a catalog, without the phrases that are `taken`.

    `chips` follow its answer. None if the pack does not speak the default locale.
    """
    if _language(default) not in written.answer:
        return None
    phrases = {
        locale: tuple(text for text in texts if (locale, fold(text)) not in taken)
        for locale, texts in _in(written.phrases, locales).items()
    }
    return IntentFile(
        title=written.title[_language(default)],
        titles=_further(written.title, locales, default),
        phrases={locale: texts for locale, texts in phrases.items() if texts},
        not_phrases=_in(written.not_phrases, locales),
        answer=_in(written.answer, locales),
        role=written.role,
        card=written.card.get(_language(default)),
        cards=_further(written.card, locales, default),
        next=() if written.role is not Role.ANSWER else tuple(chips),
    )


def beside(own: RoleIntents, intents: Iterable[StarterIntent]) -> tuple[tuple[StarterIntent, ...], RoleIntents]:
    """Return the intents of packs that are used, and the roles of all.

    Urgent ones are added to the author's. Any other role is left to the author's intents where they play it.
    """
    used = tuple(
        one for one in intents if one.described.role in {Role.ANSWER, Role.URGENT} or not own.get(one.described.role)
    )
    players = dict(own)
    for one in used:
        role = one.described.role
        if role is not Role.ANSWER and one.id not in players.get(role, ()):
            players[role] = (*players.get(role, ()), one.id)
    return used, players


def with_defaults(facts: Facts, defaults: Mapping[str, FactText], *, avatar: str) -> Facts:
    """Return the facts for a pack's texts: the author's, else the pack's own, and the avatar's name."""
    return Facts({"avatar_name": avatar, **defaults, **facts.texts}, facts.default_locale)


def _in(texts: Mapping[str, tuple[str, ...]], locales: Sequence[str]) -> dict[str, tuple[str, ...]]:
    return {locale: texts[_language(locale)] for locale in locales if _language(locale) in texts}


def _further(texts: Mapping[str, _T], locales: Sequence[str], default: str) -> dict[str, _T]:
    """Return what is written for the locales beside the default one."""
    return {locale: texts[_language(locale)] for locale in locales if locale != default and _language(locale) in texts}


def _language(locale: str) -> str:
    return locale.partition("-")[0]
