"""Prices of voices, chat and moderation as values: `call_prices.toml` with a site's overrides."""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import SettingsError
from app.rendering.tariffs import CallKind, Tariff, TariffBasis

ANY = "any"
"""Model whose price applies to unlisted models."""

_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ModelPrice(_Frozen):
    """Price of a model's calls in US dollars, for a million units."""

    per_million: Decimal = Field(ge=0)
    per_million_out: Decimal = Field(Decimal(0), ge=0)
    """Price of received tokens."""
    mark: Literal["V", "T", "I", "?"] = "V"
    """Source of the price: the provider or the payer (V), a third party (T), inferred (I), not found (?)."""


class CallPrices(_Frozen):
    """Prices of one provider by kind of call and model."""

    own_servers: bool
    source: str
    checked_on: str
    speech: dict[str, ModelPrice] = {}
    chat: dict[str, ModelPrice] = {}
    moderation: dict[str, ModelPrice] = {}
    transcription: dict[str, ModelPrice] = {}

    def tariff(self, kind: CallKind, provider: str, model: str, *, own_server: bool) -> Tariff:
        """Return the tariff of a model; `own_server` if it is called at an address that the operator named.

        A listed model has its price wherever it is served: a gateway passes the bill on.

        Raises:
            SettingsError: the provider has no price for calls of this kind.
        """
        prices: dict[str, ModelPrice] = getattr(self, kind.value)
        found = prices.get(model) or prices.get(_DATED.sub("", model))
        if found is None and own_server and self.own_servers:
            return Tariff(kind, provider, model, Decimal(0), basis="own")
        found = found or prices.get(ANY)
        if found is None:
            raise SettingsError(f"Expected a price of {model!r} under [{provider}.{kind.value}], found none; name it.")
        basis: TariffBasis = "guessed" if found.mark == "?" else "listed"
        return Tariff(kind, provider, model, found.per_million, found.per_million_out, basis)


def load_call_prices(overrides: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, CallPrices]:
    """Return the prices of every provider of calls by name, with a site's overrides.

    Raises:
        SettingsError: an override names an unknown key, or its value does not fit.
    """
    changed = overrides or {}
    return {name: _prices(name, row, changed.get(name, {})) for name, row in _shipped().items()}


def call_providers() -> frozenset[str]:
    """Return the names of the providers that have prices of calls."""
    return frozenset(_shipped())


@cache
def _shipped() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(resources.files("app.adapters.vendors").joinpath("call_prices.toml").read_text())


def _prices(name: str, row: Mapping[str, Any], override: Mapping[str, Any]) -> CallPrices:
    kinds = {kind.value for kind in CallKind}
    merged = {**row, **{key: value for key, value in override.items() if key not in kinds}}
    for kind in kinds & override.keys():
        models = override[kind]
        merged[kind] = {**row.get(kind, {}), **models} if isinstance(models, Mapping) else models
    try:
        return CallPrices.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in (name, *first["loc"]))
        raise SettingsError(f"`{where}`: {first['msg']}, got {first['input']!r}; correct it.") from error
