"""Labels: what an entry or a render was first made for, as the store and the ledger keep it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Address = tuple[str | None, str | None, int | None]
"""Intent, locale and variant: what stays the same when the words change."""


@dataclass(frozen=True, slots=True)
class Labels:
    """A typed view of the stored document, which keeps its order and what other versions wrote into it.

    Only `text`, `locale` and `recording` make a recipe again; the rest says for people what a clip is for.
    """

    _document: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Labels":
        """Read them back.

        Raises:
            TypeError: it is no JSON object.
        """
        if not isinstance(document, Mapping):
            raise TypeError(f"Expected labels as an object, got {str(document)[:80]!r}.")
        return cls(dict(document))

    @classmethod
    def generated_answer(cls, text: str, *, locale: str, traceparent: str = "") -> "Labels":
        """A clip that a visitor's question led to; `traceparent` is the span that wanted it."""
        trace = {"traceparent": traceparent} if traceparent else {}
        return cls({"generated": True, "text": text, "locale": locale} | trace)

    @classmethod
    def spoken(cls, text: str, *, locale: str) -> "Labels":
        """The sound of words, for whatever clip."""
        return cls({"text": text, "locale": locale})

    def to_json(self) -> dict[str, Any]:
        """The document as it is stored."""
        return dict(self._document)

    @property
    def intent(self) -> str | None:
        """The intent that it answers for; None for generated answers and sound."""
        return self._document.get("intent")

    @property
    def locale(self) -> str | None:
        """The language that is spoken."""
        return self._document.get("locale")

    @property
    def variant(self) -> int | None:
        """Which of the intent's wordings it is, from 0 on."""
        return self._document.get("variant")

    @property
    def text(self) -> str | None:
        """The words; None for the silent loop."""
        return self._document.get("text")

    @property
    def recording(self) -> str | None:
        """Digest of the author's recording that says the words."""
        return self._document.get("audio")

    @property
    def part(self) -> int:
        """Which piece of a longer answer it is, from 1 on; 0 for a whole one."""
        return int(self._document.get("part") or 0)

    @property
    def generated(self) -> bool:
        """Whether a visitor's question led to it."""
        return bool(self._document.get("generated"))

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every line of the catalog that it was made for."""
        also: Iterable[Iterable[Any]] = self._document.get("also", ())
        return ((self.intent, self.locale, self.variant), *(_address(*one) for one in also))

    @property
    def rejected(self) -> int:
        """How often the recipe had been refused in a row before this render."""
        return int(self._document.get("rejected") or 0)

    @property
    def traceparent(self) -> str:
        """The span that wanted it (W3C Trace Context), which the ledger carries to webhooks; empty without one."""
        return str(self._document.get("traceparent") or "")

    def with_text(self, text: str | None) -> "Labels":
        """The same with these words."""
        return Labels({**self._document, "text": text})

    def with_also(self, addresses: Iterable[Address]) -> "Labels":
        """The same for more lines with the same words."""
        return Labels({**self._document, "also": [list(address) for address in addresses]})

    def with_rejected(self, count: int) -> "Labels":
        """The same for a recipe that was refused so often; 0 leaves the count out."""
        rest = self._without("rejected")
        return Labels({**rest.to_json(), "rejected": count}) if count else rest

    def without_trace(self) -> "Labels":
        """As the store keeps them: who asked first is nobody's business later."""
        return self._without("traceparent")

    def without_text(self) -> "Labels":
        """As a clip is wanted: the words are given beside."""
        return self._without("text")

    def _without(self, name: str) -> "Labels":
        return Labels({key: value for key, value in self._document.items() if key != name})


def _address(intent: str, locale: str, variant: int) -> Address:
    return (intent, locale, variant)
