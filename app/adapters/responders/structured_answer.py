"""Structured answer of a chat model, read while it streams: sentences as soon as they are whole."""

import json
import re
from dataclasses import dataclass

from app.text import sentences

_REFUSE = re.compile(r'"refuse"\s*:\s*(true|false)')
_OFFER = re.compile(r'"offer"\s*:\s*"([^"\\]*)"')
_ANSWER = re.compile(r'"answer"\s*:\s*"')
_HALF_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?$")
_MOST_CHARS = 20_000


@dataclass
class StructuredAnswer:
    """Answer `{"refuse": …, "offer": "…", "answer": "…"}`, as far as it has arrived; `offer` may be missing."""

    raw: str = ""
    _taken: int = 0
    """Number of sentences returned so far."""

    def feed(self, piece: str) -> None:
        """Add a piece of the answer."""
        self.raw = (self.raw + piece)[:_MOST_CHARS]

    @property
    def refused(self) -> bool:
        """Return whether the model refuses to answer."""
        found = _REFUSE.search(self.raw)
        return found is not None and found[1] == "true"

    @property
    def offer(self) -> str:
        """Return the id that the model offers instead of an answer; empty if there is none."""
        found = _OFFER.search(self.raw)
        return found[1] if found else ""

    @property
    def decided(self) -> bool:
        """Return whether the flag has arrived."""
        return _REFUSE.search(self.raw) is not None

    def sentences(self, *, ended: bool = False) -> list[str]:
        """Return whole sentences not returned yet; at the end also the rest after the last one."""
        found = sentences(self._words())
        whole = found if ended else found[:-1]  # "3." may go on as "3.5"
        new, self._taken = whole[self._taken :], max(self._taken, len(whole))
        return [sentence.strip() for sentence in new]

    def _words(self) -> str:
        """Return the value of `answer`, as far as it has arrived."""
        begun = _ANSWER.search(self.raw)
        if begun is None:
            return ""
        rest = self.raw[begun.end() :]
        end = re.search(r'(?<!\\)(?:\\\\)*"', rest)
        text = rest[: end.end() - 1] if end else _HALF_ESCAPE.sub("", rest)
        try:
            return str(json.loads(f'"{text}"', strict=False))
        except ValueError:
            return ""
