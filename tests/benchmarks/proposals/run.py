"""What proposed phrases bring to a beginner's catalog: `python -m tests.benchmarks.proposals.run`.

Forty intents of a public pool with eight phrases each, and the sample museum with eight of its twelve. Proposals are
accepted blindly. The questions were written before the phrases; half of the pool's were locked before any mechanism.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.authoring.proposals.choice import Ground, chosen
from app.authoring.proposals.pool import pool_of
from app.catalog.model import Intent, Role
from app.matching.fit.thresholds import ready_catalog
from app.matching.matcher import Matcher
from app.matching.normalise import normalise
from app.matching.ports import Encoder
from app.matching.prepared_catalog import prepare
from app.runtime.commands.answers.editor import RememberingEncoder
from app.runtime.commands.answers.proposals import USUAL
from tests.support.locked_halves import catalog
from tests.support.matching import DAY, a_catalog, an_intent, real_encoder

HERE = Path(__file__).parent
NOTHING = "none"
PHRASES = 8


@dataclass(frozen=True)
class Figures:
    """Counts of one catalog on one set of questions."""

    answerable: int
    right: int
    chips: int
    strangers: int
    wrong: int

    @property
    def helped(self) -> float:
        """Share of the answerable questions that got their clip, or its chip."""
        return (self.right + self.chips) / self.answerable

    def __str__(self) -> str:
        asked = self.answerable + self.strangers
        return (
            f"right {self.right / self.answerable:.1%}, helped {self.helped:.1%} of {self.answerable}; "
            f"wrong {self.wrong} of {asked}"
        )


def pool() -> tuple[Intent, ...]:
    """The beginner's catalog."""
    found = []
    for line in _lines("catalog"):
        if line.startswith(">"):
            found[-1] = found[-1].model_copy(update={"answer": {"en": (line[1:].strip(),)}})
            continue
        name, _, rest = line.partition(": ")
        title, *phrases = rest.split(" | ")
        found.append(an_intent(name, phrases, title=title))
    return tuple(found)


def questions(half: str) -> tuple[tuple[str, str], ...]:
    """The questions of a half, each with its intent or `none`."""
    pairs = (line.partition(": ")[::2] for line in _lines(half))
    return tuple((one, name) for name, rest in pairs for one in rest.split(" | "))


def museum() -> tuple[tuple[Intent, ...], tuple[tuple[str, str], ...]]:
    """The sample museum with eight phrases an intent, and its own tests."""
    whole = catalog("museum")
    asked = (Role.ANSWER, Role.FAREWELL)
    intents = tuple(
        one.model_copy(update={"phrases": {"en": one.phrases["en"][:PHRASES]}})
        for one in whole.intents
        if one.role in asked and one.phrases.get("en") and not one.starter
    )
    names = {NOTHING, *(one.id for one in intents)}
    return intents, tuple((one.ask, one.expect) for one in whole.questions if one.expect in names)


def grown(intents: Sequence[Intent], encoder: Encoder, limit: int = USUAL) -> tuple[Intent, ...]:
    """The intents with everything that is proposed for them."""
    own = {one.id: encoder.encode([normalise(text) for text in one.phrases["en"]]) for one in intents}
    return tuple(_grown(one, own, encoder, limit) for one in intents)


def asked(intents: Sequence[Intent], rows: Sequence[tuple[str, str]], encoder: Encoder) -> Figures:
    """Fit a catalog of these intents and ask it."""
    made = a_catalog({}, intents=intents)
    ready = ready_catalog(made, prepare(made, encoder))
    matcher = Matcher.of(ready, encoder, release="1", now=lambda: 0.0, today=lambda: DAY)
    decided = list(zip(rows, matcher.decide_many([text for text, _ in rows]), strict=True))
    meant = [(name, one) for (_, name), one in decided if name != NOTHING]
    return Figures(
        answerable=len(meant),
        right=sum(one.intent == name for name, one in meant),
        chips=sum(name in one.choices for name, one in meant),
        strangers=len(rows) - len(meant),
        wrong=sum(one.outcome == "answer" and one.intent != name for (_, name), one in decided),
    )


def _grown(intent: Intent, own: dict[str, np.ndarray], encoder: Encoder, limit: int) -> Intent:
    texts = [one.text for one in pool_of(intent, "en")]
    barred = encoder.encode([normalise(text) for text in intent.not_phrases.get("en", ())])
    others = np.concatenate([vectors for name, vectors in own.items() if name != intent.id])
    rows = chosen(Ground(own[intent.id], others, barred), encoder.encode(texts), limit) if texts else []
    return intent.model_copy(update={"phrases": {"en": (*intent.phrases["en"], *(texts[row] for row in rows))}})


def _lines(name: str) -> list[str]:
    lines = (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def main() -> None:
    """Print the figures before and after."""
    encoder, beginner = RememberingEncoder(real_encoder()), pool()
    sets = [(f"pool, {half} half", beginner, questions(half)) for half in ("open", "locked")]
    sets.append(("museum with eight phrases", *museum()))
    for name, intents, rows in sets:
        before, after = asked(intents, rows, encoder), asked(grown(intents, encoder), rows, encoder)
        sys.stdout.write(f"{name}\n  before: {before}\n  after:  {after}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
