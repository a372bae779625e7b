"""Questions in seven languages for one catalog that has English phrases alone, and how they are decided."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import gettempdir
from types import MappingProxyType
from typing import Literal

import yaml

from app.catalog.model import Catalog
from app.matching.decision import Decision
from app.matching.matcher import Matcher
from app.runtime.settings.site import Settings
from app.runtime.wiring.matcher_cache import build_matcher
from app.runtime.wiring.store_and_encoder import encoder_for
from tests.support.matching import a_catalog, an_intent

DATA = Path(__file__).parents[1] / "matching" / "data"

LOCALES = ("en", "de", "es", "fr", "it", "nl", "tr")

Half = Literal["develop", "locked", "locked 2", "near topic"]
"""Two halves of one set; a second locked set, written after the policy was settled and committed before it was asked;
and questions near the topic that nothing answers, written after the first half was seen."""

_FILES: dict[Half, Path] = {
    "develop": DATA / "transfer" / "develop.jsonl",
    "locked": DATA / "locked" / "transfer.jsonl",
    "locked 2": DATA / "locked" / "transfer_2.jsonl",
    "near topic": DATA / "transfer" / "near_topic.jsonl",
}


@dataclass(frozen=True)
class Asked:
    """One question, the intent that it wants (None: nothing answers it), and what was decided."""

    question: str
    wanted: str | None
    decision: Decision

    @property
    def is_first(self) -> bool:
        """Whether the right intent comes first, played or not."""
        shown = self.decision.receipt.candidates
        return self.wanted == (shown[0].intent if shown else self.decision.intent)

    @property
    def is_right(self) -> bool:
        """Whether the right clip plays."""
        return self.wanted is not None and self.decision.intent == self.wanted

    @property
    def is_helped(self) -> bool:
        """Whether the right clip plays, or is among the chips."""
        return self.is_right or (self.wanted is not None and self.wanted in self.decision.choices)

    @property
    def is_wrong(self) -> bool:
        """Whether a clip of another intent plays."""
        return self.decision.intent is not None and self.decision.intent != self.wanted


def catalog_of(
    locales: tuple[str, ...] = LOCALES, spanish: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> Catalog:
    """The catalog in English, serving these locales, the first by default; `spanish` are phrases of some intents."""
    listed = yaml.safe_load((DATA / "transfer" / "catalog.yaml").read_text(encoding="utf-8"))
    intents = [
        an_intent(
            name, {"en": one["phrases"], **({"es": spanish[name]} if name in spanish else {})}, title=one["title"]
        )
        for name, one in listed.items()
    ]
    return a_catalog({}, intents=intents).model_copy(update={"locales": locales, "default_locale": locales[0]})


def matcher_of(catalog: Catalog) -> Matcher:
    """The matcher of a catalog, with the encoders that are chosen by default."""
    settings = Settings(models_dir=Path(gettempdir()) / "greenroom-tests" / "transfer")
    return build_matcher(settings, catalog, encoder_for(settings, catalog))


@cache
def matcher() -> Matcher:
    """The matcher of the catalog in English."""
    return matcher_of(catalog_of())


@cache
def asked(half: Half, locale: str) -> tuple[Asked, ...]:
    """Every question of a half in one locale, decided."""
    return decided(matcher(), half, locale)


def decided(matcher: Matcher, half: Half, locale: str) -> tuple[Asked, ...]:
    """Every question of a half in one locale, decided by a matcher."""
    rows = [json.loads(line) for line in _FILES[half].read_text(encoding="utf-8").splitlines()]
    decisions = matcher.decide_many([row[locale] for row in rows], locale=locale)
    return tuple(Asked(row[locale], row["intent"], one) for row, one in zip(rows, decisions, strict=True))


def table(half: Half) -> Iterator[str]:
    """Lines of a table: each locale with its figures in percent."""
    yield "| locale | right intent first | right clip | helped | wrong, of all | chips for nothing |"
    yield "|---|---|---|---|---|---|"
    for locale in LOCALES:
        rows = asked(half, locale)
        answerable, others = [one for one in rows if one.wanted], [one for one in rows if not one.wanted]
        counts = (sum(getattr(one, name) for one in answerable) for name in ("is_first", "is_right", "is_helped"))
        shares = [f"{count / len(answerable):.0%}" if answerable else "" for count in counts]
        wrong = f"{sum(one.is_wrong for one in rows) / len(rows):.1%}"
        chips = f"{sum(bool(one.decision.choices) for one in others) / len(others):.0%}"
        yield f"| {locale} | {' | '.join([*shares, wrong, chips])} |"


if __name__ == "__main__":
    for half in _FILES:
        sys.stdout.write("\n".join((half, *table(half), "")))
