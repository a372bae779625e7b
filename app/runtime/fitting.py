"""A fitted policy is kept, and the vectors it stands on: both take seconds, and their inputs name them."""

import contextlib
import os
from functools import cache
from pathlib import Path

import app.matching
from app.adapters.encoders.kept import KeptEncoder
from app.catalog.model import Catalog
from app.digest import digest_bytes, digest_json
from app.matching.fitting import Fitted
from app.matching.folds import Unseen
from app.matching.matcher import Matcher, Ready
from app.matching.ports import Encoder
from app.matching.prepared import prepare
from app.runtime.clock import SystemClock
from app.runtime.opening import original_for, release_name
from app.runtime.settings import Settings
from app.runtime.tuned import find_tuned


def build_matcher(settings: Settings, catalog: Catalog, encoder: Encoder) -> Matcher:
    """A matcher for this catalog, its policy fitted now or found from an earlier time; blocking.

    Raises:
        EncoderUnavailableError: the model cannot be loaded.
    """
    clock = SystemClock()
    path = _path(settings, catalog, encoder)
    found = _read(path)
    kept = KeptEncoder(encoder, _vectors(settings, encoder))
    ready = Ready.of(catalog, prepare(catalog, kept, _unseen(settings, catalog, encoder)), found)
    if ready.fitted != found:
        _write(path, ready.fitted)
    return Matcher.of(ready, encoder, release=release_name(catalog), now=clock.monotonic, today=clock.today)


def _unseen(settings: Settings, catalog: Catalog, encoder: Encoder) -> Unseen | None:
    """What goes with an encoder that was tuned on the catalog; its policy may not be fitted without."""
    home = find_tuned(settings, catalog, original_for(settings, catalog).name)
    return home.unseen() if home and encoder.name.startswith(home.tuned.encoder) else None


def _path(settings: Settings, catalog: Catalog, encoder: Encoder) -> Path:
    key = digest_json({"catalog": catalog.digest, "encoder": encoder.name, "code": _code()})
    return settings.models_dir.expanduser() / "fitted" / f"{key}.json"


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


def _read(path: Path) -> Fitted | None:
    try:
        return Fitted.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # pydantic's and Unicode's errors are values' errors
        return None


def _write(path: Path, fitted: Fitted) -> None:
    """Keep it; a folder that cannot be written costs a refit next time, nothing else."""
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(fitted.to_json(), encoding="utf-8")
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
