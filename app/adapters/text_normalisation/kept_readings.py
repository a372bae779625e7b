"""Kept readings: how the texts of catalogs are read aloud, from one process to the next.

The grammars take some milliseconds a text, a large catalog of prices nearly a minute. Only texts that are read for a
catalog are kept: a visitor's words never reach the file.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock

from app.adapters.text_normalisation.normaliser import GrammarNormaliser, may_change
from app.catalog.spoken.form import Segment
from app.digest import digest_bytes

_MOST = 100_000
"""Readings of the file; those that no catalog has asked for lately go first."""

_Key = tuple[str, str]
"""Locale and text."""

_read: ContextVar[dict[_Key, tuple[Segment, ...]] | None] = ContextVar("readings of a catalog", default=None)


class KeptReadings:
    """Text normaliser that remembers catalogs' readings in a folder; a folder that cannot be written costs time only.

    The file's name has the version of the grammars and of our own rules: another version reads anew.
    """

    def __init__(self, folder: Path) -> None:
        """Read nothing yet."""
        self._file = folder / f"readings-{_rules()[:16]}.json"
        self._inner = GrammarNormaliser()
        self._kept: dict[_Key, tuple[Segment, ...]] | None = None
        self._lock = Lock()

    def segments(self, text: str, locale: str) -> tuple[Segment, ...]:
        """Return the text in stretches with their readings; see the port."""
        if not may_change(text):
            return (Segment.same(text),)
        found = self._known().get((locale, text)) or self._inner.segments(text, locale)
        catalog = _read.get()
        if catalog is not None:
            catalog[locale, text] = found
        return found

    @contextmanager
    def of_catalog(self) -> Iterator[None]:
        """Keep what is read inside, in this context; see the port."""
        found: dict[_Key, tuple[Segment, ...]] = {}
        before = _read.set(found)
        try:
            yield
        finally:
            _read.reset(before)
        if not found.keys() <= self._known().keys():
            self._write(found)

    def _known(self) -> dict[_Key, tuple[Segment, ...]]:
        if self._kept is None:
            with self._lock:
                self._kept = _loaded(self._file)
        return self._kept

    def _write(self, found: dict[_Key, tuple[Segment, ...]]) -> None:
        """Write the file anew in one step: the newest last, what others wrote meanwhile included."""
        with self._lock, suppress(OSError):
            old = {key: read for key, read in _loaded(self._file).items() if key not in found}
            kept = dict(list((old | found).items())[-_MOST:])
            rows = [
                [locale, text, [[one.written, one.spoken] for one in read]] for (locale, text), read in kept.items()
            ]
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
            draft.replace(self._file)
            self._kept = kept


def _loaded(file: Path) -> dict[_Key, tuple[Segment, ...]]:
    """Return what is kept; a file that is damaged is as none."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
        found = {(locale, text): tuple(Segment(*pair) for pair in read) for locale, text, read in rows}
    except (OSError, ValueError, TypeError):
        return {}
    return {key: read for key, read in found.items() if "".join(one.written for one in read) == key[1]}


@cache
def _rules() -> str:
    """Return the digest of what decides a reading: the grammars' version, and the code of our own rules."""
    try:
        grammars = version("damga")
    except PackageNotFoundError:
        grammars = ""
    places = (Path(__file__).parent, Path(__file__).parents[2] / "catalog" / "spoken")
    code = b"".join(path.read_bytes() for place in places for path in sorted(place.rglob("*.py")))
    return digest_bytes(grammars.encode() + code)
