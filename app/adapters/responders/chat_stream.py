"""Reading a structured answer while it still comes: the flag first, then the words, sentence by sentence."""

import json
import re
from dataclasses import dataclass

from app.text import sentences

_REFUSE = re.compile(r'"refuse"\s*:\s*(true|false)')
_ANSWER = re.compile(r'"answer"\s*:\s*"')
_HALF_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?$")
_MOST_CHARS = 20_000


@dataclass
class StructuredAnswer:
    """`{"refuse": …, "answer": "…"}` as it grows."""

    raw: str = ""
    _taken: int = 0
    """Sentences that were handed out."""

    def feed(self, piece: str) -> None:
        """More of it came."""
        self.raw = (self.raw + piece)[:_MOST_CHARS]

    @property
    def refused(self) -> bool:
        """Whether the model says that it will not answer."""
        found = _REFUSE.search(self.raw)
        return found is not None and found[1] == "true"

    @property
    def decided(self) -> bool:
        """Whether the model has said which it is."""
        return _REFUSE.search(self.raw) is not None

    def sentences(self, *, ended: bool = False) -> list[str]:
        """Whole sentences that were not taken yet; at the end also what stands behind the last one."""
        found = sentences(self._words())
        whole = found if ended else found[:-1]  # "3." may go on as "3.5"
        new, self._taken = whole[self._taken :], max(self._taken, len(whole))
        return [sentence.strip() for sentence in new]

    def _words(self) -> str:
        """The value of `answer`, as far as it is there."""
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
