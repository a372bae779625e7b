"""Locked halves of the test data of matching: written by somebody who had seen neither word lists nor mechanisms.

Nothing is tuned on them. `docs/reference/matching.md` tells their figures at first sight.
"""

import json
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.adapters.catalog_files.loader import load_catalog
from app.catalog.model import Catalog
from app.matching.decision import Decision
from app.matching.matcher import Matcher
from tests.support.matching import a_catalog, a_matcher, an_intent, real_encoder
from tests.support.museum import english_museum
from tests.support.sites import SAMPLE_PORTRAIT

LOCKED = Path(__file__).parents[1] / "matching" / "data" / "locked"
SAMPLE = SAMPLE_PORTRAIT.parents[1]

Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    """The lines of one file."""
    return [json.loads(line) for line in (LOCKED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@cache
def catalog(name: str) -> Catalog:
    """The sample museum, the clinic or the library."""
    if name == "museum":
        found = english_museum()
    else:
        with TemporaryDirectory() as folder:
            copy = shutil.copytree(LOCKED / name, Path(folder) / name)
            for avatar in (copy / "avatars").glob("*.yaml"):
                shutil.copy(SAMPLE_PORTRAIT, avatar.with_suffix(".png"))
            found = load_catalog(copy).catalog
    assert found is not None, name
    return found


@cache
def matcher(name: str) -> Matcher:
    """The matcher of one of the three catalogs."""
    return a_matcher(catalog(name), real_encoder())


_OWN: dict[str, Matcher] = {}


def matcher_of(row: Row) -> Matcher:
    """The matcher that a row is put to: of a catalog, or of the few intents that it brings."""
    if "catalog" in row:
        return matcher(row["catalog"])
    if row["set"] not in _OWN:
        intents = [
            an_intent(one["id"], {row["locale"]: tuple(one["phrases"])}, title=one.get("title", one["id"]))
            for one in row["intents"]
        ]
        _OWN[row["set"]] = a_matcher(a_catalog({}, intents=intents), real_encoder())
    return _OWN[row["set"]]


def decided(row: Row, question: str) -> Decision:
    """The decision on a question without a session."""
    return matcher_of(row).decide_many([question], locale=row.get("locale", "en"))[0]


def is_helped(decision: Decision, intent: str) -> bool:
    """Whether the clip plays, or is offered among at most three chips."""
    return intent == decision.intent or intent in decision.choices[:3]
