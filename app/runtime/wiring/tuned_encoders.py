"""Where tuned encoders are kept, and which of them a catalog may use."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from app.catalog.model import Catalog
from app.matching.fit.encoder_tuning import TuningVerdict
from app.matching.folds import FoldAssignment, FoldVectors, Phrase
from app.matching.prepared_catalog import phrases_of
from app.runtime.settings.site import Settings

STILL_THE_SAME = 0.9
"""Share of a catalog's phrases, and of those an encoder was tuned on, that must be the same for it to be used."""

_FACTS, _VECTORS = "tuning.json", "unseen.npz"


class TunedEncoder(BaseModel):
    """One tuning, as it is written down beside its model."""

    model_config = ConfigDict(frozen=True)

    base: str
    encoder: str
    """Name and digest of the tuned model; empty when it was not worth keeping."""
    model: str
    """The model's folder, beside this file."""
    verdict: TuningVerdict
    seconds: float
    phrases: tuple[tuple[str, str, int], ...]
    """Intent, normalised text, the fold that leaves it out."""
    intents: dict[str, int]
    background: dict[str, int]
    texts: tuple[str, ...]

    def assignment(self) -> FoldAssignment:
        """What each fold left out."""
        return FoldAssignment(
            {(intent, text): fold for intent, text, fold in self.phrases}, self.intents, self.background
        )


@dataclass(frozen=True, slots=True)
class TunedEncoderFolder:
    """A folder with a tuning in it."""

    folder: Path
    tuned: TunedEncoder

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """What the folder holds; None when the tuning is unfinished or unreadable."""
        try:
            return cls(folder, TunedEncoder.model_validate_json((folder / _FACTS).read_text(encoding="utf-8")))
        except (OSError, ValidationError):
            return None

    def write(self, fold_vectors: FoldVectors) -> None:
        """Keep it; the facts come last, so that a tuning is there whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        np.savez(self.folder / _VECTORS, vectors=fold_vectors.vectors)
        draft = self.folder / f"{_FACTS}.draft"
        draft.write_text(json.dumps(self.tuned.model_dump(mode="json"), ensure_ascii=False), encoding="utf-8")
        draft.replace(self.folder / _FACTS)

    @property
    def model(self) -> Path:
        """The folder of the model itself."""
        return self.folder / self.tuned.model

    def fold_vectors(self) -> FoldVectors:
        """How the folds' encoders see the catalog."""
        with np.load(self.folder / _VECTORS) as held:
            return FoldVectors(self.tuned.assignment(), self.tuned.texts, held["vectors"])


def homes(settings: Settings) -> Iterator[TunedEncoderFolder]:
    """Every finished tuning, in the order of their folders' names."""
    for folder in sorted((settings.models_dir.expanduser() / "tuned").glob("*")):
        if home := TunedEncoderFolder.read(folder):
            yield home


def find_tuned(settings: Settings, catalog: Catalog, base: str) -> TunedEncoderFolder | None:
    """The kept encoder that was tuned from `base` on these phrases, or on nearly the same."""
    found = [home for home in homes(settings) if home.tuned.base == base and home.tuned.encoder]
    if not found:
        return None
    phrases = owned(catalog)
    alike = {home.folder: _alike(home.tuned, phrases) for home in found}
    best = max(found, key=lambda home: alike[home.folder])
    return best if alike[best.folder] >= STILL_THE_SAME else None


def owned(catalog: Catalog) -> frozenset[Phrase]:
    """The phrases of a catalog with their intents."""
    return frozenset((one.intent, one.text) for one in phrases_of(catalog))


def _alike(tuned: TunedEncoder, phrases: frozenset[Phrase]) -> float:
    known = {(intent, text) for intent, text, _ in tuned.phrases}
    return len(known & phrases) / max(1, len(known), len(phrases))
