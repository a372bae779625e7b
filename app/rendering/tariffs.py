"""Tariffs of paid calls that are no films: voices, chat, moderation, transcriptions; priced by the unit used."""

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

from app.rendering.ports import MICRO, SpeechRequest, Spoken

CallUnit = Literal["characters", "tokens", "seconds"]

TariffBasis = Literal["listed", "guessed", "own"]
"""Basis of a price: a price list, a cautious stand-in where none was found, or an own server without a price."""

_MILLION = Decimal(1_000_000)


class CallKind(StrEnum):
    """Kind of a paid call."""

    SPEECH = "speech"
    CHAT = "chat"
    MODERATION = "moderation"
    TRANSCRIPTION = "transcription"


UNITS: dict[CallKind, CallUnit] = {
    CallKind.SPEECH: "characters",
    CallKind.CHAT: "tokens",
    CallKind.MODERATION: "tokens",
    CallKind.TRANSCRIPTION: "seconds",
}
"""Unit of each kind; seconds are counted in whole ones."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Units of one call: sent and, for tokens, received; and the provider's id of it, once there is an answer."""

    units_in: int
    units_out: int = 0
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class PaidCall:
    """Call to be paid for: its greatest use and price.

    `free`: it goes to an own server without a price, and no cap stops it. `intent` says what it is for, if that is
    known.
    """

    kind: CallKind
    provider: str
    model: str
    most: Usage
    estimate: Decimal
    currency: str = "USD"
    intent: str = ""
    free: bool = False

    @property
    def unit(self) -> CallUnit:
        """Unit of `most`."""
        return UNITS[self.kind]


@dataclass(frozen=True, slots=True)
class Tariff:
    """Price of one model's calls, for a million units; `per_million_out` is for received tokens.

    `needs` names a missing setting without which no call is made.
    """

    kind: CallKind
    provider: str
    model: str
    per_million: Decimal
    per_million_out: Decimal = Decimal(0)
    basis: TariffBasis = "listed"
    currency: str = "USD"
    needs: str = ""

    @property
    def free(self) -> bool:
        """Return whether no cap applies: the operator's own server, at no price."""
        return self.basis == "own" and not self.per_million and not self.per_million_out

    def price(self, usage: Usage) -> Decimal:
        """Return the price of a call, rounded up to a millionth."""
        total = self.per_million * usage.units_in + self.per_million_out * usage.units_out
        return (total / _MILLION).quantize(MICRO, rounding=ROUND_UP)

    def call(self, most: Usage, *, intent: str = "") -> PaidCall:
        """Return a call that uses at most so much."""
        return PaidCall(
            self.kind, self.provider, self.model, most, self.price(most), self.currency, intent=intent, free=self.free
        )


@runtime_checkable
class PricedSpeech(Protocol):
    """Speech provider with a tariff; also one without a key, which a plan can price all the same."""

    @property
    def tariff(self) -> Tariff:
        """Price of its calls."""
        ...


@runtime_checkable
class PaidSpeech(PricedSpeech, Protocol):
    """Speech provider whose calls are paid for."""

    async def speak_billed(self, request: SpeechRequest) -> tuple[Spoken, Usage]:
        """Speak the words, and return what the provider counts for them.

        Raises:
            ProviderRefusedError, LimitExceededError, ProviderUnavailableError: as `Speech.speak`; nothing is billed.
            OutcomeUnknownError: no whole answer came, or one without sound: it may be billed.
        """
        ...
