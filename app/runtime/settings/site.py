"""Settings: `GREENROOM_*` from the environment, else `.env`, else the defaults below, in this order."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import SettingsError
from app.runtime.settings.api_keys import ApiKey, one_key, read_keys

DEVELOPMENT_SECRET = "development-only"  # noqa: S105 - refused outside development
"""Signs session tokens while nobody but this computer can connect."""


PRESIGNED = "presigned"
"""Says that visitors fetch clips from the bucket itself."""

_SECRETS = Path("/run/secrets")


def secrets_dir() -> Path | None:
    """Where containers find secrets, a file each, named as the variable in lower case; the environment wins."""
    return _SECRETS if _SECRETS.is_dir() else None


def _place(value: object) -> str:
    """A store's address; a folder is known by its path alone."""
    return str(value).removeprefix("file://")


class Settings(BaseSettings):
    """All of them; nothing else in Greenroom reads the environment."""

    model_config = SettingsConfigDict(
        env_prefix="GREENROOM_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        validate_default=True,
        secrets_dir=secrets_dir(),
    )

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses insecure defaults, and wants a key where one is wanted."
    )
    catalog: Path = Field(Path("intents"), description="The folder that says what can be said.")
    cache: Annotated[str, BeforeValidator(_place)] = Field(
        "cache", description="The clip store: a folder, or a bucket as `s3://bucket/prefix`."
    )
    clips_url: str = Field(
        "",
        description="Where visitors fetch clips: empty: from this server; `presigned`: from the bucket itself, by "
        "addresses that expire; else scheme and host of a CDN in front of this server.",
    )
    scratch_dir: str = Field(
        "", description="Where half-finished films lie; empty: in the cache folder, or `state/scratch` beside a bucket."
    )
    database_url: str = Field(
        "sqlite+aiosqlite:///state/greenroom.db",
        description="Where turns and renders are kept: an SQLAlchemy address with an async driver.",
    )
    redis_url: SecretStr = Field(
        SecretStr(""),
        description="Redis or Valkey, for several nodes and `greenroom worker`; empty: all inside this process.",
    )
    site: str = Field("main", pattern=r"^[a-z0-9-]{1,40}$", description="This site's name on a shared Redis.")
    serve: Literal["folder", "release"] = Field(
        "folder", description="What visitors get: the catalog's `folder`, or the published `release` that is current."
    )
    film_on: Literal["node", "workers"] = Field(
        "node", description="Who films new answers: the `node` that was asked, or `greenroom worker` processes."
    )
    public_url: str = Field("", description="Scheme and host under which visitors reach this server; empty: as asked.")
    allowed_origins: str = Field(
        "", description="Origins, separated by commas, whose pages may open a chat; `*` only in development."
    )
    secret: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET), description="Signs session tokens; at least 32 characters in production."
    )
    api_key: SecretStr = Field(
        SecretStr(""), description="A key for every route that wants one, as an operator; empty: only those below."
    )
    api_keys: SecretStr = Field(
        SecretStr(""), description="Keys with roles, `name role digest` a line each; `greenroom keys new` makes one."
    )
    encoder: str = Field(
        "", description="A sentence-transformers model by name or folder; empty: the catalog's, else the shipped one."
    )
    budget_day_usd: Decimal = Field(Decimal(0), ge=0, description="What paid rendering may cost a day, in US dollars.")
    budget_session_usd: Decimal = Field(
        Decimal(5), ge=0, description="What new answers may cost one visitor's session, in US dollars."
    )
    providers_file: Path = Field(
        Path("providers.toml"), description="Your own prices, limits and endpoints of providers, if the file is there."
    )
    models_dir: Path = Field(
        Path("~/.cache/greenroom"), description="Where graphs made at first use are kept; safe to delete."
    )
    render_processes: int = Field(0, ge=0, le=64, description="Processes that film locally; 0: one a core.")
    quality_gate: Literal["full", "media"] = Field(
        "full", description="What filmed clips are held to; `media` leaves out faces and lips, for drawn figures."
    )
    film_deadline_s: float = Field(
        90.0, gt=0, description="How long a visitor waits for a new clip before text has to do."
    )
    chat_model: str = Field(
        "gpt-5-mini", description="Which model words new answers, where the catalog's `fallback.responder` is `chat`."
    )
    moderation: Literal["none", "openai"] = Field(
        "none", description="`openai`: a moderation service judges what a chat model is asked and says."
    )
    blocked_words: str = Field(
        "", description="A text file, a word or phrase a line: new answers are refused where one is asked or said."
    )
    answers_per_session: int = Field(50, ge=0, description="New answers one session may ask for; 0: any number.")
    answers_per_address_day: int = Field(
        300, ge=0, description="New answers one (hashed) address may ask for in a day; 0: any number."
    )
    answers_per_day: int = Field(
        5000, ge=0, description="New answers all visitors may ask for in a day; 0: any number."
    )
    keep_turns_days: int = Field(
        30, ge=0, le=3650, description="How long questions and what became of them are kept; 0: not at all."
    )
    session_idle_s: float = Field(
        14400.0, gt=0, description="A visitor who asks nothing for this long is told goodbye."
    )
    detect_locale: bool = Field(
        default=False, description="Answer a question in the catalog's locale that it is written in."
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

    @model_validator(mode="after")
    def _clips_can_be_fetched(self) -> Self:
        if self.clips_url not in {"", PRESIGNED} and not self.clips_url.startswith(("https://", "http://")):
            raise ValueError("GREENROOM_CLIPS_URL must be empty, `presigned`, or an address with https://.")
        return self

    @model_validator(mode="after")
    def _keys_can_be_read(self) -> Self:
        try:
            read_keys(self.api_keys.get_secret_value())
        except SettingsError as error:
            raise ValueError(str(error)) from None
        return self

    @property
    def keys(self) -> tuple[ApiKey, ...]:
        """Every key that opens routes: the operator's one, and those with roles."""
        return (*one_key(self.api_key.get_secret_value()), *read_keys(self.api_keys.get_secret_value()))

    @property
    def in_bucket(self) -> bool:
        """Whether clips are kept in object storage."""
        return self.cache.startswith("s3://")

    @property
    def scratch(self) -> Path:
        """Where half-finished work lies: beside the store where that is a folder, on its file system."""
        if self.scratch_dir:
            return Path(self.scratch_dir).absolute()
        return Path("state/scratch").absolute() if self.in_bucket else Path(self.cache).absolute() / "scratch"

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


@dataclass(frozen=True, slots=True)
class WebSettings:
    """What the web layer is told."""

    secret: str
    """Signs session tokens; at least 32 characters outside development."""
    environment: Literal["development", "production"] = "development"
    public_url: str = ""
    """Scheme, host and port that visitors see, where a proxy hides them."""
    allowed_origins: tuple[str, ...] = ()
    """Origins of pages that may embed the widget; `*` counts in development only."""
    keys: tuple[ApiKey, ...] = ()
    """Open what their roles allow; without any, those routes stay closed in production."""
    clips_origin: str = ""
    """Scheme and host that clips come from, where that is not this server."""
    version: str = "0"
