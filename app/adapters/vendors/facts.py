"""Provider facts as values: `facts.toml` with a site's overrides."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.digest import digest_json
from app.errors import ProviderRefusedError, SettingsError
from app.rendering.ports import Capabilities

ANY_MODEL = "any"
"""Model whose facts apply to unlisted models."""

Overrides = Mapping[str, Mapping[str, Any]]
"""Overrides by provider: the keys of `facts.toml`; `models` may change models and add some."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ModelLimits(_Frozen):
    """Limits of one model; the fields mean the same as those of `Capabilities`, None is the provider's value."""

    image_formats: tuple[str, ...] | None = None
    audio_formats: tuple[str, ...] | None = None
    min_portrait_px: int | None = None
    max_portrait_px: int | None = None
    portrait_ratio: tuple[float, float] | None = None
    max_image_bytes: int | None = None
    max_audio_bytes: int | None = None
    min_duration_s: float | None = None
    max_duration_s: float | None = None
    min_billed_s: float | None = None
    billed_step_s: float | None = Field(None, ge=0)
    seconds_per_second: float | None = Field(None, gt=0)


class ModelFacts(_Frozen):
    """Model facts: the provider's id, the price, and the input names of the media."""

    endpoint: str
    price_per_s: Decimal = Field(ge=0)
    """Price in US dollars."""
    mark: Literal["V", "T", "I", "?"] = "?"
    """Source of the price: the provider (V), a third party (T), inferred (I), not found (?)."""
    image: str = "image_url"
    audio: str = "audio_url"
    video: str | None = None
    """Input name of a video, sent instead of `image` where the model works from one."""
    parameters: dict[str, Any] = {}
    """Further inputs sent with every job."""
    source: str = ""
    """Source of this model's facts, where it is another than the provider's; and the day they were read."""
    checked_on: str = ""
    own: ModelLimits = ModelLimits()
    """Limits in which the model differs from its provider."""


class ProviderFacts(_Frozen):
    """Facts about one provider; fields that `Capabilities` has too mean the same."""

    name: str
    title: str
    home: str
    domains: tuple[str, ...]
    version: str
    visuals: tuple[Literal["image", "video"], ...]
    image_formats: tuple[str, ...]
    audio_formats: tuple[str, ...]
    min_portrait_px: int
    max_portrait_px: int | None = None
    portrait_ratio: tuple[float, float] | None = None
    max_image_bytes: int
    max_audio_bytes: int
    min_duration_s: float = 0.0
    max_duration_s: float
    min_billed_s: float = 0.0
    billed_step_s: float = 0.1
    concurrency: int = Field(ge=1)
    per_minute: int | None = Field(None, ge=1)
    surplus: Literal["queued", "refused", "unknown"]
    seconds_per_second: float = Field(gt=0)
    poll_every_s: float = Field(gt=0)
    idempotency: Literal["key", "none"]
    find: Literal["proof", "hint", "none"]
    grace_s: float = 600.0
    cancel: Literal["none", "best_effort"]
    webhook: Literal["none", "signed", "secret", "token"]
    bills_on: Literal["success", "any", "unknown"]
    free_ends: tuple[str, ...] = ("failed",)
    """Provider's words for bad ends that `bills_on = "success"` covers; any other end counts as billed."""
    look_for: str
    """Where a person finds a job there, and by what of ours."""
    bills_on_source: str
    """Who says so, and in which words."""
    late_s: float = Field(300.0, ge=0)
    job_limit_s: float = Field(1800.0, gt=0)
    not_taken: tuple[int, ...] = ()
    """Server errors (5xx) after which there is surely no job.

    Such a submit is repeated instead of looked up.
    """
    submit_timeout_s: float = 60.0
    upload_kept_s: float
    """Time in seconds that an uploaded portrait is used again."""
    max_video_bytes: int = 500_000_000
    """Largest result that is fetched, in bytes."""
    any_model: bool = False
    source: str
    checked_on: str
    unknown: tuple[str, ...] = ()
    settings: dict[str, str | float | bool] = {}
    """Settings that only this provider's adapter reads."""
    models: dict[str, ModelFacts] = Field(min_length=1)
    """Models by name; the first one is the default of an avatar."""

    @model_validator(mode="after")
    def _any_needs_facts(self) -> Self:
        if self.any_model and ANY_MODEL not in self.models:
            raise ValueError("`any_model` needs a model `any` with the price of an unknown one")
        return self

    def model(self, name: str) -> ModelFacts:
        """Return the model of this name, or with this endpoint; a provider of many models has any id.

        Raises:
            ProviderRefusedError: there is none.
        """
        known = {facts.endpoint: facts for facts in self.models.values()} | self.models
        if name in known and name not in {"", ANY_MODEL}:
            return known[name]
        if self.any_model and "/" in name.strip("/"):
            return known[ANY_MODEL].model_copy(update={"endpoint": name.strip("/")})
        listed = ", ".join(self._named)
        raise ProviderRefusedError(f"Expected a model of {self.title} ({listed}), got {name!r}.", reason="input")

    @property
    def capabilities(self) -> Capabilities:
        """Return the facts for planner and gate.

        The price is the highest; `model_prices` has each model's own.
        """
        prices = {facts.endpoint: facts.price_per_s for facts in self.models.values()}
        prices |= {name: facts.price_per_s for name, facts in self.models.items()}
        shared = set(Capabilities.__dataclass_fields__) & set(type(self).model_fields) - {"models"}
        return Capabilities(
            models=self._named,
            price_per_s=max(prices[name] for name in self._named),
            guessed_prices=frozenset(
                known for name, facts in self.models.items() if facts.mark == "?" for known in (name, facts.endpoint)
            ),
            model_prices=prices,
            model_limits={
                known: limits
                for name, facts in self.models.items()
                if (limits := facts.own.model_dump(exclude_none=True))
                for known in (name, facts.endpoint)
            },
            **{name: getattr(self, name) for name in shared},
        )

    @property
    def _named(self) -> tuple[str, ...]:
        return tuple(name for name in self.models if name != ANY_MODEL)


def load_facts(overrides: Overrides | None = None) -> dict[str, ProviderFacts]:
    """Return every provider's facts by name, with a site's overrides.

    A model with another endpoint renders differently under the same name, so the version then includes it.

    Raises:
        SettingsError: an override names an unknown provider or key, or its value does not fit.
    """
    shipped, overrides = _shipped(), overrides or {}
    unknown_names = sorted(overrides.keys() - shipped.keys())
    if unknown_names:
        raise SettingsError(f"Expected overrides for {sorted(shipped)}, got {unknown_names[0]!r}; correct the name.")
    return {name: _facts(name, row, overrides.get(name, {})) for name, row in shipped.items()}


def look_for(provider: str) -> str:
    """Place where a person finds a job at a provider, and by what of ours; empty if there is none."""
    return str(_shipped().get(provider, {}).get("look_for", ""))


@cache
def _shipped() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(resources.files("app.adapters.vendors").joinpath("facts.toml").read_text())


def _facts(name: str, row: Mapping[str, Any], override: Mapping[str, Any]) -> ProviderFacts:
    merged = _merged(row, override)
    models, shipped = merged["models"], row["models"]
    changed_endpoints = {
        key: models[key]["endpoint"] for key in shipped if models[key]["endpoint"] != shipped[key]["endpoint"]
    }
    if changed_endpoints and "version" not in override:
        merged["version"] = f"{row['version']}+{digest_json(changed_endpoints)[:8]}"
    try:
        return ProviderFacts.model_validate({**merged, "name": name})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in (name, *first["loc"]))
        raise SettingsError(f"`{where}`: {first['msg']}, got {first['input']!r}; correct it.") from error


def _merged(row: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(row)
    for key, value in override.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged
