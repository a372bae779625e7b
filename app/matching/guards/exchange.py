"""Guard on roles: who gives and who takes, who acts and who is acted on.

"May the museum donate an object to me" has the words of "may I donate an object to the museum". Where question and
phrase share the verb, the visitor has to stand on the same side of it.
"""

import re
from dataclasses import dataclass

from app.matching.decision import Verdict
from app.matching.guards.compare import Compared, stem
from app.matching.guards.sides import have_changed, sides_of, vouches
from app.matching.guards.word_order import changed_places
from app.matching.normalise import words
from app.matching.word_lists import FUNCTION_WORDS, NEGATIONS, word_list
from app.text import remembers_texts

_PAST = {
    "paid": "pay",
    "given": "giv",
    "lent": "lend",
    "sent": "send",
    "sold": "sell",
    "brought": "bring",
    "taught": "teach",
    "shown": "show",
    "told": "tell",
    "driven": "driv",
    "seen": "see",
    "met": "meet",
}
"""Participles and their stems."""

_PREFIXED = re.compile(r"^(an|auf|zu|ab|ein|mit|zurück|aus|vor|nach|her|hin|)ge(?=\w{4})")


def _stem(word: str) -> str:
    """Return what the forms of a verb have in common, mostly."""
    if word in _PAST:
        return _PAST[word]
    plain = stem(_PREFIXED.sub(r"\1", word))
    plain = plain.removesuffix("t") if len(plain) > 5 else plain
    return plain.removesuffix("e")


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(_stem, text.split()))


_AUXILIARY = word_list(
    "do does did can could may might must should shall will would is are were am has had don't doesn't can't "
    "couldn't won't wouldn't kann kannst können könnt könnte könnten darf dürfen dürft muss müssen müsst soll sollen "
    "sollte wird werden werde würde würden wollen hat haben habt"
)
_VISITOR = word_list(
    "i we people visitors guests customers anyone anybody everyone someone somebody it ich wir man es jemand"
)
_HOUSE = word_list("you they du ihr sie")
_TO_VISITOR = word_list("me us mich mir uns")
_GERMAN = word_list("ich wir man du ihr sie mich mir uns")
_VISITORS_OWN = word_list("my our mein meine meinen meinem meiner unser unsere unseren unserem unserer")
_HOUSES_OWN = word_list("your their dein deine deinen deinem euer eure euren eurem ihre ihren ihrem ihrer")
_DETERMINERS = word_list("the a an der die das dem den ein eine einen einem einer") | _VISITORS_OWN | _HOUSES_OWN
_BESIDE = word_list(
    "for with für mit let tell show help allow without around near beside bei about after before nach vor"
)
"""Words after which "me" is not acted on: "book a table for me", "let me bring my dog"."""

_GIVES = _stems("give donate lend loan hand offer gift schenken spenden leihen")
_PAYS = _stems("pay owe tip refund hire employ zahlen bezahlen schulden erstatten")
_TRANSFERS = _GIVES | _PAYS | _stems("send sell schicken senden verkaufen geben überweisen")
"""Stems of verbs of giving: "give me" is not said for "give for me"."""

_TAKES = _stems("borrow rent hire leihen ausleihen mieten")
"""Stems of verbs of taking for a while: nobody borrows what is theirs."""

_GIVEN_TO_HOUSE = re.compile(r"\b(?:i|we)\b.*\b(?:give|lend|pay|send|hand|owe) you\b")

_CARRIES = _stems("take bring get drive carry cost lead make need cover interest suit")
"""Stems of verbs of which things are the subject: "does the bus take me" is said for "can I take the bus"."""

_HOPES = word_list("want like wish need try plan hope intend going able allowed possible love prefer permitted")
_PASSIVE = re.compile(
    r"\b(?:(?:am|was|were|are|is) (?:i|we)|(?:i|we) (?:am|was|were|are|be|get|got)|(?:i|we) \w+ to (?:be|get)|i'm|"
    r"we're) (?:not |also |ever |still |already )?(\w+)"
)
_GERMAN_PASSIVE = re.compile(
    r"\b(?:werde|werden|wurde|wurden) (?:ich|wir)\b.* (\w+t|ge\w+en)$|\b(?:ich|wir)\b.* (\w+) werden?$"
)
_MIDDLE = word_list(
    "allowed permitted supposed required obliged expected started married dressed registered enrolled signed "
    "subscribed insured covered entitled interested located seated charged refunded"
)
"""Participles after "I am" or "I get" that do not tell of another who acts, or of whom it is clear."""

_FROM_YOU = re.compile(
    r"\b(?:(?:can|could|may|do|will) )?(?:i|we) (?:get|receive|have|obtain) (.+) from (?:you|the \w+)\b"
)
_WANTED_OF = re.compile(
    r"^(?:i|we)(?:'d| would)? (?:want|like|need|expect) (?=(?:you|them|somebody|someone|the \w+) to )"
)


@dataclass(frozen=True, slots=True)
class _Roles:
    """Sides of a text, towards its verbs."""

    actor: str
    """"visitor", "house", "own" (the visitor's people) or another subject's noun."""
    to_visitor: bool
    """Whether the visitor is acted on or given to."""
    owner: str
    """"visitor" or "house" if things of theirs are acted on."""
    verbs: frozenset[str]
    """Stems of what the actor does."""
    undergone: frozenset[str]
    """Stems of what is done to the visitor: "am I paid"."""
    on_behalf: bool
    """Whether the visitor gains by it: "can you book me a table"."""
    to_house: bool
    """Whether the visitor gives to the house: "do I have to give you the money back"."""


def roles(seen: Compared) -> Verdict:
    """Fail if the one who acts and the one who is acted on have changed places: "can guests invite members"."""
    if changed := changed_places(seen):
        return Verdict(guard="roles", passed=False, reason=changed)
    asked = _roles(seen.question)
    sides = sides_of(seen.question)
    turned = next((phrase for phrase in seen.kin if have_changed(sides, sides_of(phrase))), None)
    if turned and not any(vouches(sides, sides_of(phrase)) for phrase in seen.every):
        reason = f"who acts and who is acted on have changed places with “{turned}”"
        return Verdict(guard="roles", passed=False, reason=reason)
    against = [phrase for phrase in seen.kin if _exchanged(asked, _roles(phrase))]
    if asked.to_visitor and asked.actor != "visitor" and not asked.verbs.isdisjoint(_GIVES | _PAYS):
        against += [phrase for phrase in seen.every if _given_by_visitor(_roles(phrase))]
    if not against or any(_agree(asked, _roles(phrase)) for phrase in seen.every):
        return Verdict(guard="roles", passed=True)
    reason = f"who acts and who is acted on have changed places with “{against[0]}”"
    return Verdict(guard="roles", passed=False, reason=reason)


def _exchanged(asked: _Roles, said: _Roles) -> bool:
    return any(_suffers(one, other) or _turned(one, other) for one, other in ((asked, said), (said, asked)))


def _suffers(one: _Roles, other: _Roles) -> bool:
    """Return whether the visitor undergoes in one what the visitor does in the other: "do I get paid"."""
    return bool(one.undergone & other.verbs) and other.actor == "visitor" and not other.to_visitor


def _turned(one: _Roles, other: _Roles) -> bool:
    """Return whether the visitor is acted on in one, and acts in the other."""
    common = one.verbs & other.verbs
    if not common or other.to_visitor:
        return False
    if one.actor == "own":
        return one.owner == "house" and other.actor == "house" and other.owner == "visitor"
    if one.actor == "visitor" or other.actor != "visitor":
        return False
    if not one.to_visitor:
        lent = one.actor == "house" and not common.isdisjoint(_TAKES)
        return other.to_house or (one.owner == "visitor" and (lent or other.owner == "house"))
    return bool(common & _TRANSFERS) or not (one.on_behalf or common <= _CARRIES)


def _given_by_visitor(said: _Roles) -> bool:
    return said.actor == "visitor" and not said.to_visitor and not said.verbs.isdisjoint(_GIVES)


def _agree(asked: _Roles, said: _Roles) -> bool:
    """Return whether a phrase has the same verb with the same sides, so that it vouches for them."""
    same = bool(asked.verbs & said.verbs) and (asked.actor, asked.to_visitor) == (said.actor, said.to_visitor)
    return bool(asked.undergone & said.undergone) or (same and not asked.undergone)


@remembers_texts(most=1 << 14)
def _roles(text: str) -> _Roles:
    spoken = words(_WANTED_OF.sub("can ", _FROM_YOU.sub(r"you give me \1", text)))
    at = _subject_at(spoken)
    start = next((place for place in range(at, len(spoken)) if spoken[place] not in _TO_VISITOR), at)
    actor, end = _actor(spoken, start)
    rest, undergone = spoken[end:], _undergone(text)
    if actor == "":  # an order: nobody is named
        actor, rest = "house", spoken
    acted_on = (word for before, word in zip(("", *rest), rest, strict=False) if before not in _BESIDE)
    return _Roles(
        actor=actor,
        to_visitor=start > at or not _TO_VISITOR.isdisjoint(acted_on),
        owner=_owner(rest),
        verbs=_verbs(spoken[:at], rest) - undergone,
        undergone=undergone,
        on_behalf=actor == "house" and _gains(rest),
        to_house=actor == "visitor" and bool(_GIVEN_TO_HOUSE.search(text)),
    )


def _subject_at(spoken: tuple[str, ...]) -> int:
    """Return the place of the subject: the first pronoun, or what follows the first auxiliary."""
    for at, word in enumerate(spoken[:-1]):
        if word in _VISITOR or word in _HOUSE:
            return at
        if word in _AUXILIARY:
            return at + 1
    return 0


def _actor(spoken: tuple[str, ...], at: int) -> tuple[str, int]:
    """Return the subject at that place, and the place after it."""
    first = spoken[at] if at < len(spoken) else ""
    if first in _VISITOR or first in _HOUSE:
        return ("visitor" if first in _VISITOR else "house"), at + 1
    if first in _DETERMINERS and at + 1 < len(spoken):
        return ("own" if first in _VISITORS_OWN else spoken[at + 1]), at + 2
    return ("", 0) if at == 0 else (first, at + 1)


def _owner(rest: tuple[str, ...]) -> str:
    found = next((word for word in rest if word in _VISITORS_OWN or word in _HOUSES_OWN), "")
    return found and ("visitor" if found in _VISITORS_OWN else "house")


def _verbs(before: tuple[str, ...], rest: tuple[str, ...]) -> frozenset[str]:
    """Return the stems of the words in a verb's place: after the subject; in German also first or last."""
    verb, hopes = "", False
    for at, word in enumerate(rest):
        if word in _HOPES and "to" in rest[at:]:
            hopes = True
        elif word == "to":
            hopes = False
        elif not hopes and word not in FUNCTION_WORDS and word not in NEGATIONS:
            verb = word
            break
    found = {verb} if verb else set[str]()
    if not _GERMAN.isdisjoint(rest + before) or (before and before[0] in _AUXILIARY):
        found |= {word for word in rest[-1:] if word.endswith(("en", "ern", "eln"))}
    if before and before[-1] not in FUNCTION_WORDS and before[-1] not in _AUXILIARY:
        found.add(before[-1])
    return frozenset(map(_stem, found))


def _gains(rest: tuple[str, ...]) -> bool:
    """Return whether "me" stands where the one stands for whom something is done: "book me a table"."""
    places = [at for at, word in enumerate(rest) if word in _TO_VISITOR]
    return any(
        rest[at] in {"mir", "uns"} or (at + 1 < len(rest) and rest[at - 1 : at] not in {(), ("to",)}) for at in places
    )


def _undergone(text: str) -> frozenset[str]:
    found = {word for word in _PASSIVE.findall(text) if word in _PAST or word.endswith("ed")}
    found |= {word for pair in _GERMAN_PASSIVE.findall(text) for word in pair if word}
    return frozenset(_stem(word) for word in found if word not in _MIDDLE)
