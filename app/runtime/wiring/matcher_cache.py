"""Cache of fitted matchers: policy, classifier and vectors, stored under a digest of their inputs."""

from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Self

import numpy as np
from threadpoolctl import threadpool_limits

import app.matching
from app.adapters.disk.checksummed import keep_newest, read_sealed, write_sealed
from app.adapters.encoders.side_by_side import SideBySideEncoder, beside
from app.adapters.encoders.vector_cache import CachingEncoder
from app.catalog.model import Catalog
from app.digest import digest_bytes, digest_json
from app.matching.classifier import Classifier
from app.matching.fit.thresholds import ready_catalog
from app.matching.folds import FoldVectors
from app.matching.matcher import FittedCatalog, Matcher
from app.matching.mix.trials import MixTrials
from app.matching.policy import Fitted
from app.matching.ports import Encoder, SecondLook
from app.matching.prepared_catalog import prepare, spoken_in, taught
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.locale_encoders import Kind, chosen, kind_of, open_encoder
from app.runtime.wiring.store_and_encoder import original_for, release_name
from app.runtime.wiring.tuned_encoders import find_tuned

MOST_FILES = 40
"""Most files stored, two or three for each version of a catalog: a classifier of 150 intents takes half a
megabyte."""


def build_matcher(
    settings: Settings,
    catalog: Catalog,
    encoder: Encoder,
    *,
    release: str = "",
    second_look: SecondLook | None = None,
) -> Matcher:
    """Build the matcher of a catalog; its policy is fitted now, or read from the cache. Blocking.

    `release` is the catalog's name in receipts; without it the name is made from its content.

    Raises:
        EncoderUnavailableError: the model cannot be loaded.
    """
    parts = MatcherParts(settings, catalog, encoder, release, second_look)
    return parts.added_to(parts.default())


@dataclass(frozen=True, slots=True)
class MatcherParts:
    """Matchers of a catalog's locales, by encoder; each is fitted when it is built. Blocking."""

    settings: Settings
    catalog: Catalog
    encoder: Encoder
    """The default locale's."""
    release: str = ""
    second_look: SecondLook | None = None

    @property
    def later(self) -> frozenset[str]:
        """Locales that another encoder than the default one's serves."""
        default, *more = chosen(self.settings, self.catalog)
        return frozenset(one.locale for one in more if one.kind != default.kind)

    def default(self) -> Matcher:
        """Build the matcher of the default locale, and of others of its encoder.

        Raises:
            EncoderUnavailableError: a locale has no encoder, or it cannot be loaded.
        """
        return self._built(_parts(self.settings, self.catalog, self.encoder)[0])

    def added_to(self, matcher: Matcher) -> Matcher:
        """Build the matchers of all other locales, and return this one with them.

        Raises:
            EncoderUnavailableError: as `default`.
        """
        _, *more = _parts(self.settings, self.catalog, self.encoder)
        others = {locale: made for part in more for made in [self._built(part)] for locale in part.locales}
        return replace(matcher, others=others)

    def awake(self, matcher: Matcher) -> Matcher:
        """Return the matcher as `added_to`, its encoders loaded: else the first question in a locale waits for one."""
        whole = self.added_to(matcher)
        for other in {id(one): one for one in whole.others.values()}.values():
            other.encoder.encode(["Is anybody there?"])
        return whole

    def _built(self, part: "_Part") -> Matcher:
        clock = SystemClock()
        return Matcher.of(
            _ready(self.settings, self.catalog, part),
            part.encoder,
            release=self.release or release_name(self.catalog),
            now=clock.monotonic,
            today=clock.today,
            second_look=self.second_look,
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """Part of the locales that one encoder serves: `taught` has the phrases that its questions are compared with."""

    encoder: Encoder
    locales: tuple[str, ...]
    taught: Catalog
    across: bool


def _parts(settings: Settings, catalog: Catalog, encoder: Encoder) -> tuple[_Part, ...]:
    """Part the locales by their encoders; `encoder` is the default locale's, which comes first.

    Raises:
        EncoderUnavailableError: a locale has none.
    """
    kinds: dict[Kind, list[str]] = {}
    for one in chosen(settings, catalog):
        kinds.setdefault(kind_of(one), []).append(one.locale)
    parts = []
    for at, (kind, locales) in enumerate(kinds.items()):
        packaged = open_encoder(kind)
        own = encoder if at == 0 else packaged or encoder
        only = kind == "english" and len(kinds) > 1
        across = packaged is not None and own.name == packaged.name  # a tuned one knows English alone
        parts.append(_Part(own, tuple(locales), spoken_in(catalog, locales) if only else catalog, across))
    return tuple(parts)


def _ready(settings: Settings, catalog: Catalog, part: _Part) -> FittedCatalog:
    encoder = part.encoder
    caching = CachingEncoder(encoder, _vectors(settings, encoder))
    stored = MatcherCache.of(settings, part.taught, encoder)
    head, fitted = stored.head(), stored.fitted()
    # For the whole process: BLAS threads wait for each other longer than a decision computes.
    threadpool_limits(1, "blas")
    folds = _fold_vectors(settings, catalog, encoder)
    prepared = prepare(part.taught, caching, folds, grown=head, whole=catalog, across=part.across)
    ready = ready_catalog(part.taught, prepared, fitted)
    if prepared.head is not head or ready.fitted != fitted:
        stored.keep(prepared.head, ready.fitted)
    return replace(ready, catalog=catalog)


def mix_trials(settings: Settings, catalog: Catalog, encoder: Encoder, matcher: Matcher) -> MixTrials | None:
    """Return the held-out questions of a matcher as it was fitted; made now, or read from the cache. Blocking."""
    stored = MatcherCache.of(settings, catalog, encoder)
    found = stored.trials()
    if found is None and (found := MixTrials.of(matcher.prepared, matcher.fitted)):
        stored.keep_trials(found)
    return found


@dataclass(frozen=True, slots=True)
class MatcherCache:
    """Cache entry of one catalog and encoder: two files, read only if complete, safe to delete."""

    folder: Path
    key: str

    @classmethod
    def of(cls, settings: Settings, catalog: Catalog, encoder: Encoder) -> Self:
        """Address the entry by its inputs: the phrases of the catalog, the encoder, the code."""
        key = digest_json({"taught": taught(catalog), "encoder": encoder.name, "code": _code()})
        return cls(settings.models_dir.expanduser() / "fitted", key)

    def fitted(self) -> Fitted | None:
        """Read the policy, if it is stored."""
        try:
            return Fitted.from_json((read_sealed(self._file("policy")) or b"").decode())
        except ValueError:  # pydantic's and Unicode's errors are ValueErrors
            return None

    def head(self) -> Classifier | None:
        """Read the classifier, if it is stored."""
        try:
            return Classifier(np.load(BytesIO(read_sealed(self._file("head")) or b""), allow_pickle=False))
        except (ValueError, EOFError):
            return None

    def trials(self) -> MixTrials | None:
        """Read the held-out questions' scores, if they are stored."""
        try:
            return MixTrials.from_bytes(read_sealed(self._file("trials")) or b"")
        except (ValueError, EOFError):
            return None

    def keep_trials(self, trials: MixTrials) -> None:
        """Store the held-out questions' scores, if the folder can be written."""
        write_sealed(self._file("trials"), trials.to_bytes())
        keep_newest(self.folder, MOST_FILES)

    def keep(self, head: Classifier | None, fitted: Fitted) -> None:
        """Store both, if the folder can be written."""
        if head is not None:
            content = BytesIO()
            np.save(content, head.weights)
            write_sealed(self._file("head"), content.getvalue())
        write_sealed(self._file("policy"), fitted.to_json().encode())
        keep_newest(self.folder, MOST_FILES)

    def _file(self, kind: str) -> Path:
        return self.folder / f"{self.key}.{kind}"


def _fold_vectors(settings: Settings, catalog: Catalog, encoder: Encoder) -> FoldVectors | None:
    """Held-out vectors of an encoder that was tuned on the catalog.

    Its policy may not be fitted without them.
    """
    found = find_tuned(settings, catalog, original_for(settings, catalog).name)
    if found is None or not encoder.name.startswith(found.tuned.encoder):
        return None
    folds = found.fold_vectors()
    if not isinstance(encoder, SideBySideEncoder):
        return folds
    second = CachingEncoder(encoder.second, _vectors(settings, encoder.second)).encode(folds.texts)
    whole = [beside(rows.astype(np.float32), second) for rows in folds.vectors]
    return replace(folds, vectors=np.stack(whole).astype(np.float16))


def _vectors(settings: Settings, encoder: Encoder) -> Path:
    """File of vectors by encoder and catalog folder, so that an edited catalog finds its earlier phrases."""
    key = digest_json({"catalog": str(settings.catalog.absolute()), "encoder": encoder.name})
    return settings.models_dir.expanduser() / "vectors" / f"{key}.npz"


@cache
def _code() -> str:
    """Digest of the matching package: other code, or another background set, fits another policy."""
    folder = Path(app.matching.__file__).parent
    files = sorted(file for file in folder.rglob("*") if file.suffix in {".py", ".txt"})
    return digest_json({str(file.relative_to(folder)): digest_bytes(file.read_bytes()) for file in files})
