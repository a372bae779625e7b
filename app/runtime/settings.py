"""Settings: `GREENROOM_*` from the environment, else `.env`, else the defaults below, in this order."""

from decimal import Decimal
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import SettingsError

DEVELOPMENT_SECRET = "development-only"  # noqa: S105 - refused outside development
"""Signs session tokens while nobody but this computer can connect."""


class Settings(BaseSettings):
    """All of them; nothing else in Greenroom reads the environment."""

    model_config = SettingsConfigDict(
        env_prefix="GREENROOM_", env_file=".env", extra="ignore", frozen=True, validate_default=True
    )

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses insecure defaults and closes the author's routes."
    )
    catalog: Path = Field(Path("intents"), description="The folder that says what can be said.")
    cache: Path = Field(Path("cache"), description="The folder of the clip store.")
    database_url: str = Field(
        "sqlite+aiosqlite:///state/greenroom.db",
        description="Where turns and renders are kept: an SQLAlchemy address with an async driver.",
    )
    public_url: str = Field("", description="Scheme and host under which visitors reach this server; empty: as asked.")
    allowed_origins: str = Field(
        "", description="Origins, separated by commas, whose pages may open a chat; `*` only in development."
    )
    secret: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET), description="Signs session tokens; at least 32 characters in production."
    )
    api_key: SecretStr = Field(
        SecretStr(""), description="Opens the author's routes in production; empty keeps them closed there."
    )
    encoder: str = Field(
        "", description="A sentence-transformers model by name or folder; empty: the catalog's, else the shipped one."
    )
    budget_day_usd: Decimal = Field(Decimal(0), ge=0, description="What paid rendering may cost a day, in US dollars.")
    models_dir: Path = Field(
        Path("~/.cache/greenroom"), description="Where graphs made at first use are kept; safe to delete."
    )
    render_processes: int = Field(0, ge=0, le=64, description="Processes that film locally; 0: one a core.")
    film_deadline_s: float = Field(
        90.0, gt=0, description="How long a visitor waits for a new clip before text has to do."
    )
    log_format: Literal["console", "json"] = Field("console", description="`json` for machines.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is worth a line.")

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.environment == "development":
            return self
        if len(self.secret.get_secret_value()) < 32:
            raise ValueError(
                "GREENROOM_SECRET must have at least 32 characters in production; make one with `openssl rand -hex 32`."
            )
        if "*" in self.origins:
            raise ValueError(
                "GREENROOM_ALLOWED_ORIGINS must name the origins in production; `*` lets any page spend your budget."
            )
        return self

    @property
    def origins(self) -> tuple[str, ...]:
        """The allowed origins, one by one."""
        return tuple(origin.strip().rstrip("/") for origin in self.allowed_origins.split(",") if origin.strip())


def load_settings(**overrides: object) -> Settings:
    """Read the settings; `overrides` (from command-line options) win.

    Raises:
        SettingsError: a value is malformed or unsafe; the message names the variable.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError(" ".join(_sentence(problem) for problem in error.errors())) from None


def _sentence(problem: object) -> str:
    assert isinstance(problem, dict)  # noqa: S101 - pydantic's own shape
    name = "_".join(str(part) for part in problem["loc"]).upper()
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"GREENROOM_{name}: {message} (got {problem.get('input')!r})." if name else message
