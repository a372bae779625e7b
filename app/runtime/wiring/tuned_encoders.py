"""Tuned encoders on disk: one folder each; and the choice of the one that fits a catalog."""

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
"""Share of a catalog's phrases, and of an encoder's, that must be the same for it to be used."""

_FACTS, _VECTORS = "tuning.json", "unseen.npz"


class TunedEncoder(BaseModel):
    """Facts of one tuning, stored beside its model."""

    model_config = ConfigDict(frozen=True)

    base: str
    encoder: str
    """Name and digest of the tuned model; empty if it was not better."""
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
        """Return the folds: the held-out part of each."""
        return FoldAssignment(
            {(intent, text): fold for intent, text, fold in self.phrases}, self.intents, self.background
        )


@dataclass(frozen=True, slots=True)
class TunedEncoderFolder:
    """Folder of one finished tuning."""

    folder: Path
    tuned: TunedEncoder

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Read a folder; None if the tuning is unfinished or unreadable."""
        try:
            return cls(folder, TunedEncoder.model_validate_json((folder / _FACTS).read_text(encoding="utf-8")))
        except (OSError, ValidationError):
            return None

    def write(self, fold_vectors: FoldVectors) -> None:
        """Store the tuning; the facts come last, so that it is there completely or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        np.savez(self.folder / _VECTORS, vectors=fold_vectors.vectors)
        draft = self.folder / f"{_FACTS}.draft"
        draft.write_text(json.dumps(self.tuned.model_dump(mode="json"), ensure_ascii=False), encoding="utf-8")
        draft.replace(self.folder / _FACTS)

    @property
    def model(self) -> Path:
        """Folder of the model itself."""
        return self.folder / self.tuned.model

    def fold_vectors(self) -> FoldVectors:
        """Read the vectors of the catalog by each fold's encoder."""
        with np.load(self.folder / _VECTORS) as arrays:
            return FoldVectors(self.tuned.assignment(), self.tuned.texts, arrays["vectors"])


def finished_tunings(settings: Settings) -> Iterator[TunedEncoderFolder]:
    """Yield all finished tunings, in the order of their folders' names."""
    for folder in sorted((settings.models_dir.expanduser() / "tuned").glob("*")):
        if tuning := TunedEncoderFolder.read(folder):
            yield tuning


def find_tuned(settings: Settings, catalog: Catalog, base: str) -> TunedEncoderFolder | None:
    """Find the encoder that was tuned from `base` on these phrases, or on nearly the same."""
    found = [one for one in finished_tunings(settings) if one.tuned.base == base and one.tuned.encoder]
    if not found:
        return None
    phrases = owned(catalog)
    alike = {one.folder: _alike(one.tuned, phrases) for one in found}
    best = max(found, key=lambda one: alike[one.folder])
    return best if alike[best.folder] >= STILL_THE_SAME else None


def owned(catalog: Catalog) -> frozenset[Phrase]:
    """Return the phrases of a catalog with their intents."""
    return frozenset((one.intent, one.text) for one in phrases_of(catalog))


def _alike(tuned: TunedEncoder, phrases: frozenset[Phrase]) -> float:
    known = {(intent, text) for intent, text, _ in tuned.phrases}
    return len(known & phrases) / max(1, len(known), len(phrases))
