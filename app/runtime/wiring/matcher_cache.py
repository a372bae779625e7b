"""What takes seconds at a start is kept by the name of its inputs: the policy, the classifier, the vectors."""

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Self

import numpy as np
from threadpoolctl import threadpool_limits

import app.matching
from app.adapters.disk.checksummed import keep_newest, read_sealed, write_sealed
from app.adapters.encoders.vector_cache import CachingEncoder
from app.catalog.model import Catalog
from app.digest import digest_bytes, digest_json
from app.matching.classifier import Classifier
from app.matching.fit.thresholds import ready_catalog
from app.matching.folds import FoldVectors
from app.matching.matcher import Matcher
from app.matching.policy import Fitted
from app.matching.ports import Encoder
from app.matching.prepared_catalog import prepare, taught
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.store_and_encoder import original_for, release_name
from app.runtime.wiring.tuned_encoders import find_tuned

MOST_FILES = 40
"""Kept at most, two a catalog as it once was: a classifier of 150 intents takes half a megabyte."""


def build_matcher(settings: Settings, catalog: Catalog, encoder: Encoder, *, release: str = "") -> Matcher:
    """A matcher for this catalog, its policy fitted now or found from an earlier time; blocking.

    `release` is what receipts call the catalog; else it is named by its content.

    Raises:
        EncoderUnavailableError: the model cannot be loaded.
    """
    clock = SystemClock()
    kept = CachingEncoder(encoder, _vectors(settings, encoder))
    grown = MatcherCache.of(settings, catalog, encoder)
    head, fitted = grown.head(), grown.fitted()
    threadpool_limits(1, "blas")  # for good: its threads wait for each other longer than a decision's products take
    prepared = prepare(catalog, kept, _fold_vectors(settings, catalog, encoder), grown=head)
    ready = ready_catalog(catalog, prepared, fitted)
    if prepared.head is not head or ready.fitted != fitted:
        grown.keep(prepared.head, ready.fitted)
    return Matcher.of(ready, encoder, release=release or release_name(catalog), now=clock.monotonic, today=clock.today)


@dataclass(frozen=True, slots=True)
class MatcherCache:
    """The two files of one catalog and encoder; read only when whole, and safe to delete."""

    folder: Path
    key: str

    @classmethod
    def of(cls, settings: Settings, catalog: Catalog, encoder: Encoder) -> Self:
        """Named by what goes into them: what the catalog teaches, the encoder, the code."""
        key = digest_json({"taught": taught(catalog), "encoder": encoder.name, "code": _code()})
        return cls(settings.models_dir.expanduser() / "fitted", key)

    def fitted(self) -> Fitted | None:
        """The policy, if it is there."""
        try:
            return Fitted.from_json((read_sealed(self._file("policy")) or b"").decode())
        except ValueError:  # pydantic's and Unicode's errors are values' errors
            return None

    def head(self) -> Classifier | None:
        """The classifier, if it is there."""
        try:
            return Classifier(np.load(BytesIO(read_sealed(self._file("head")) or b""), allow_pickle=False))
        except (ValueError, EOFError):
            return None

    def keep(self, head: Classifier | None, fitted: Fitted) -> None:
        """Write both, if the folder lets us."""
        if head is not None:
            content = BytesIO()
            np.save(content, head.weights)
            write_sealed(self._file("head"), content.getvalue())
        write_sealed(self._file("policy"), fitted.to_json().encode())
        keep_newest(self.folder, MOST_FILES)

    def _file(self, kind: str) -> Path:
        return self.folder / f"{self.key}.{kind}"


def _fold_vectors(settings: Settings, catalog: Catalog, encoder: Encoder) -> FoldVectors | None:
    """What goes with an encoder that was tuned on the catalog; its policy may not be fitted without."""
    home = find_tuned(settings, catalog, original_for(settings, catalog).name)
    return home.fold_vectors() if home and encoder.name.startswith(home.tuned.encoder) else None


def _vectors(settings: Settings, encoder: Encoder) -> Path:
    """One file an encoder and catalog folder, so that an edited catalog finds the phrases it had before."""
    key = digest_json({"catalog": str(settings.catalog.absolute()), "encoder": encoder.name})
    return settings.models_dir.expanduser() / "vectors" / f"{key}.npz"


@cache
def _code() -> str:
    """Digest of the matching package: other code, or another background set, fits another policy."""
    folder = Path(app.matching.__file__).parent
    files = sorted(file for file in folder.rglob("*") if file.suffix in {".py", ".txt"})
    return digest_json({str(file.relative_to(folder)): digest_bytes(file.read_bytes()) for file in files})
