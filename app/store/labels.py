"""Labels: what an entry or a render was first made for, as store and ledger hold it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Address = tuple[str | None, str | None, int | None]
"""Intent, locale and variant: the parts that stay when the words change."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Typed view of the stored document, which keeps its order and the fields of other versions.

    Only `text`, `locale` and `recording` make a recipe again; the rest says for people what a clip is for.
    """

    _document: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Labels":
        """Read labels from their document.

        Raises:
            TypeError: it is no JSON object.
        """
        if not isinstance(document, Mapping):
            raise TypeError(f"Expected labels as an object, got {str(document)[:80]!r}.")
        return cls(dict(document))

    @classmethod
    def generated_answer(cls, text: str, *, locale: str, traceparent: str = "") -> "Labels":
        """Return the labels of a clip for a visitor's question; `traceparent` is the span of its request."""
        trace = {"traceparent": traceparent} if traceparent else {}
        return cls({"generated": True, "text": text, "locale": locale} | trace)

    @classmethod
    def spoken(cls, text: str, *, locale: str) -> "Labels":
        """Return the labels of spoken words, for whatever clip."""
        return cls({"text": text, "locale": locale})

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is stored."""
        return dict(self._document)

    @property
    def intent(self) -> str | None:
        """Intent that the clip answers; None for generated answers and sound."""
        return self._document.get("intent")

    @property
    def locale(self) -> str | None:
        """Language that is spoken."""
        return self._document.get("locale")

    @property
    def variant(self) -> int | None:
        """Number of the intent's wording, from 0 on."""
        return self._document.get("variant")

    @property
    def text(self) -> str | None:
        """Words; None for the silent loop."""
        return self._document.get("text")

    @property
    def recording(self) -> str | None:
        """Digest of the author's recording of the words."""
        return self._document.get("audio")

    @property
    def part(self) -> int:
        """Number of the piece of a longer answer, from 1 on; 0 for a whole one."""
        return int(self._document.get("part") or 0)

    @property
    def generated(self) -> bool:
        """Return whether a visitor's question led to the clip."""
        return bool(self._document.get("generated"))

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every line of the catalog that the clip was made for."""
        also: Iterable[Iterable[Any]] = self._document.get("also", ())
        return ((self.intent, self.locale, self.variant), *(_address(*one) for one in also))

    @property
    def rejected(self) -> int:
        """Number of refusals of the recipe in a row before this render."""
        return int(self._document.get("rejected") or 0)

    @property
    def accepted(self) -> str:
        """Digest of the sound or video whose words a person has found right; empty without one."""
        return str(self._document.get("accepted") or "")

    @property
    def speaks_again(self) -> bool:
        """Return whether the speech of before is not to be used: a person had the clip made again for its words."""
        return bool(self._document.get("speak_again"))

    @property
    def traceparent(self) -> str:
        """Span of the request (W3C Trace Context), which the ledger carries to webhooks.

        Empty without one.
        """
        return str(self._document.get("traceparent") or "")

    def with_text(self, text: str | None) -> "Labels":
        """Return the labels with these words."""
        return Labels({**self._document, "text": text})

    def with_also(self, addresses: Iterable[Address]) -> "Labels":
        """Return the labels for more lines with the same words."""
        return Labels({**self._document, "also": [list(address) for address in addresses]})

    def with_rejected(self, count: int) -> "Labels":
        """Return the labels for a recipe that was refused so often; 0 leaves the count out."""
        rest = self._without("rejected")
        return Labels({**rest.to_json(), "rejected": count}) if count else rest

    def with_accepted(self, digest: str) -> "Labels":
        """Return the labels of a clip of which a person has heard this sound or video and found its words right."""
        return Labels({**self._document, "accepted": digest})

    def with_new_speech(self) -> "Labels":
        """Return the labels of a clip for which the words are to be spoken once more."""
        return Labels({**self._document, "speak_again": True})

    def without_words(self) -> "Labels":
        """Return the labels of a clip whose session is erased: what is left says for nobody what was said."""
        return self._without("text", "traceparent")

    def without_decision(self) -> "Labels":
        """Return the labels without what a person decided about one clip: another clip is judged anew."""
        return self._without("accepted", "speak_again")

    def without_trace(self) -> "Labels":
        """Return the labels as the store holds them: it does not record who asked first."""
        return self._without("traceparent")

    def without_text(self) -> "Labels":
        """Return the labels without the words, which a request carries beside them."""
        return self._without("text")

    def _without(self, *names: str) -> "Labels":
        return Labels({key: value for key, value in self._document.items() if key not in names})


def _address(intent: str, locale: str, variant: int) -> Address:
    return (intent, locale, variant)
