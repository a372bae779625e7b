"""A fitted policy is kept: fitting takes seconds, and its inputs name it."""

import contextlib
import os
from functools import cache
from pathlib import Path

import app.matching
from app.catalog.model import Catalog
from app.digest import digest_bytes, digest_json
from app.matching.fitting import Fitted
from app.matching.matcher import Matcher
from app.matching.ports import Encoder
from app.runtime.clock import SystemClock
from app.runtime.opening import release_name
from app.runtime.settings import Settings


def build_matcher(settings: Settings, catalog: Catalog, encoder: Encoder) -> Matcher:
    """A matcher for this catalog, its policy fitted now or found from an earlier time; blocking.

    Raises:
        EncoderUnavailableError: the model cannot be loaded.
    """
    clock = SystemClock()
    path = _path(settings, catalog, encoder)
    found = _read(path)
    matcher = Matcher.build(
        catalog, encoder, fitted=found, release=release_name(catalog), now=clock.monotonic, today=clock.today
    )
    if matcher.fitted != found:
        _write(path, matcher.fitted)
    return matcher


def _path(settings: Settings, catalog: Catalog, encoder: Encoder) -> Path:
    key = digest_json({"catalog": catalog.digest, "encoder": encoder.name, "code": _code()})
    return settings.models_dir.expanduser() / "fitted" / f"{key}.json"


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
