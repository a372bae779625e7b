"""Moderation: the site's own list of words, and any server with OpenAI's `/v1/moderations`."""

import unicodedata
from collections.abc import Collection, Mapping
from pathlib import Path

from app.adapters.http.client import ProviderHttp
from app.adapters.http.endpoint import Access, Endpoint
from app.adapters.http.response import Response, Timeouts
from app.errors import OutcomeUnknownError, ProviderRefusedError, ProviderUnavailableError, SettingsError
from app.matching.normalise import normalise
from app.rendering.ledger.calls_meter import CallAccount
from app.rendering.tariffs import Usage

HOME = "https://api.openai.com"
MODEL = "omni-moderation-latest"


class WordList:
    """Word list that blocks a text with one of its words or phrases.

    Whole words, in any spelling that normalises alike, and in letters that look alike: Cyrillic `а` for `a`, letters
    with points and strokes, digits for letters.
    """

    def __init__(self, listed: Collection[str]) -> None:
        self._listed = tuple(f" {found} " for found in map(normalise, listed) if found)
        self._drawn = tuple(f" {found} " for found in map(look_of, listed) if found)

    @classmethod
    def read(cls, path: Path) -> "WordList":
        """Read the list from a text file: one word or phrase a line, `#` begins a remark.

        Raises:
            SettingsError: the file cannot be read.
        """
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeError) as error:
            raise SettingsError(
                f"Cannot read the list of words {str(path)!r}: {error}. Correct GREENROOM_BLOCKED_WORDS."
            ) from error
        return cls([line.partition("#")[0] for line in lines])

    async def blocked(self, text: str, *, session: str | None = None) -> str | None:  # noqa: ARG002 - the port's
        """Return the list that blocks the text.

        The word itself is left out, because the reason is recorded.
        """
        normalised, look = f" {normalise(text)} ", f" {look_of(text)} "
        found = any(word in normalised for word in self._listed) or any(word in look for word in self._drawn)
        return "a word of the site's list" if found else None


def look_of(text: str) -> str:
    """Return what a text looks like in plain letters, normalised: the same for words that a reader takes for one.

    By Unicode's table of confusable characters (UTS 39), in the package `confusable-homoglyphs`.
    """
    from confusable_homoglyphs.confusables import confusables_data  # noqa: PLC0415 - 30 ms that only a list costs

    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char) != "Mn")
    words = normalise(bare).split()
    return " ".join(_look(word, confusables_data) if _is_drawn(word) else word for word in words)


_DIGITS = str.maketrans("013457", "oieast")
"""Digits that are read as letters, in words that have letters, too."""


def _is_drawn(word: str) -> bool:
    """Return whether a word has letters and is not all of them plain: prices and rooms stay what they are."""
    return any(char.isalpha() for char in word) and not (word.isascii() and word.isalpha())


def _look(word: str, table: Mapping[str, list[dict[str, str]]]) -> str:
    return "".join(_plain(char, table) for char in word)


def _plain(char: str, table: Mapping[str, list[dict[str, str]]]) -> str:
    if char.isascii():
        return char.translate(_DIGITS)
    found = (one["c"] for one in table.get(char, ()) if one["c"].isascii() and one["c"].isalpha())
    return next(found, char).lower()


class OpenAIModeration:
    """Moderation by a server with `/v1/moderations`.

    Each request is reserved in the ledger before it goes out; where it has a price, it is sent once.

    Args:
        access: `base_url` may end in `/v1`, or not.
        account: what the requests are booked on, at the price of `model`.
    """

    def __init__(self, access: Access, account: CallAccount, *, model: str = MODEL) -> None:
        base = access.base_url.rstrip("/").removesuffix("/v1") if access.base_url else None
        site = Endpoint(HOME, domains=("openai.com",), base_url=base)
        headers = {"Authorization": f"Bearer {access.key}"}
        self._wire = ProviderHttp(site, headers, secrets=(access.key,), timeouts=Timeouts(silence_s=5.0, total_s=6.0))
        self._model = model
        self._account = account

    async def blocked(self, text: str, *, session: str | None = None) -> str | None:
        """Return the categories that the server names.

        Raises:
            BudgetExceededError: there is no money for it; nothing was sent.
            ProviderUnavailableError, ProviderRefusedError: there is no result now; then nothing generated
                is said.
        """
        most = Usage(len(text.encode()))  # no token is shorter than a byte
        try:
            async with self._account.metered(most, session=session) as bill:
                answer = await self._answer({"model": self._model, "input": text})
                bill.used = Usage(most.units_in, request_id=answer.headers.get("x-request-id", ""))
        except OutcomeUnknownError as error:
            raise ProviderUnavailableError(f"Cannot get a moderation, which counts as paid: {error}") from error
        try:
            result = (answer.document or {})["results"][0]
            flagged, categories = bool(result["flagged"]), result.get("categories") or {}
        except (KeyError, IndexError, TypeError) as error:
            raise ProviderUnavailableError(f"Cannot read the moderation that {HOME} sent; try again.") from error
        return ", ".join(sorted(name for name, hit in categories.items() if hit)) or "flagged" if flagged else None

    async def _answer(self, body: Mapping[str, str]) -> Response:
        if not self._account.tariff.per_million:
            answer = await self._wire.ask("POST", "/v1/moderations", json=body)
        else:
            answer = await self._wire.submit("/v1/moderations", body)
        if answer.ok:
            return answer
        message = f"{HOME} answered {answer.status} to a moderation: {self._wire.shown(answer)}"
        if answer.status >= 500 and answer.status != 503:
            raise OutcomeUnknownError(f"{message}.")
        raise ProviderRefusedError(f"{message}; check the key.")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()
