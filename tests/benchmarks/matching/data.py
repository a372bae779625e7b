"""The data set as catalogs and questions."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from app.catalog.model import Catalog
from app.digest import digest_json
from tests.support.matching import a_catalog, an_intent

DATA = Path(os.environ.get("GREENROOM_CLINC150", Path(__file__).parent.parent / "data/clinc150"))


@dataclass(frozen=True, slots=True)
class Labelled:
    """Questions with the intent each is meant for; None is out of scope."""

    texts: tuple[str, ...]
    intents: tuple[str | None, ...]


def labelled(name: str) -> Labelled:
    """Read one file of the data set."""
    rows = [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
    return Labelled(tuple(row["text"] for row in rows), tuple(row["intent"] for row in rows))


def catalog_of(train: Labelled) -> Catalog:
    """A catalog of these phrases, as an author would have written them."""
    named = sorted({intent for intent in train.intents if intent})
    phrases = {name: [t for t, i in zip(train.texts, train.intents, strict=True) if i == name] for name in named}
    intents = [an_intent(name.replace("_", "-"), phrases[name], title=name.replace("_", " ")) for name in named]
    return a_catalog({}, intents=intents).model_copy(update={"digest": digest_json(phrases)})
