"""Settings: `GREENROOM_*` from the environment, else `.env`, else the defaults below, in this order."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.audit import AuditKeys
from app.catalog.model import Meanwhile
from app.errors import SettingsError
from app.runtime.settings.api_keys import ApiKey, one_key, read_keys, weakness
from app.runtime.settings.trusted_proxies import TrustedProxies
from app.runtime.settings.webhooks import check_webhook

DEVELOPMENT_SECRET = "development-only"  # noqa: S105 - refused outside development
"""Signs session tokens in development, when only this computer can connect."""

PRESIGNED = "presigned"
"""Value of `clips_url`: visitors fetch clips from the bucket itself."""

_SECRETS = Path("/run/secrets")


def secrets_dir() -> Path | None:
    """Folder of a container's secrets: a file each, named like the variable in lower case.

    The environment wins.
    """
    return _SECRETS if _SECRETS.is_dir() else None


def _place(value: object) -> str:
    """A store's address; a folder is known by its path alone."""
    return str(value).removeprefix("file://")


class Settings(BaseSettings):
    """Settings `GREENROOM_*` of one process."""

    model_config = SettingsConfigDict(
        env_prefix="GREENROOM_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        validate_default=True,
        secrets_dir=secrets_dir(),
    )

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses insecure defaults and requires keys for protected routes."
    )
    catalog: Path = Field(Path("intents"), description="The catalog's folder.")
    cache: Annotated[str, BeforeValidator(_place)] = Field(
        "cache", description="The clip store: a folder, or a bucket as `s3://bucket/prefix`."
    )
    clips_url: str = Field(
        "",
        description="Where visitors fetch clips. Empty: this server. `presigned`: the bucket, with addresses that "
        "expire. Else: scheme and host of a CDN in front of this server.",
    )
    scratch_dir: str = Field(
        "", description="Folder for unfinished renders; empty: in the cache folder, or `state/scratch` with a bucket."
    )
    database_url: str = Field(
        "sqlite+aiosqlite:///state/greenroom.db",
        description="The database for turns and renders: an SQLAlchemy address with an async driver.",
    )
    redis_url: SecretStr = Field(
        SecretStr(""),
        description="Redis or Valkey, for several nodes and `greenroom worker`; empty: everything runs inside this "
        "process.",
    )
    site: str = Field("main", pattern=r"^[a-z0-9-]{1,40}$", description="This site's name on a shared Redis.")
    serve: Literal["folder", "release"] = Field(
        "folder", description="What visitors get: the catalog's `folder`, or the current published `release`."
    )
    film_on: Literal["node", "workers"] = Field(
        "node",
        description="Who renders new answers: the visitor's `node`, or `greenroom worker` processes (`workers`).",
    )
    review_releases: bool = Field(
        default=False, description="A release is a draft first, and a second person's key or account approves it."
    )
    public_url: str = Field(
        "",
        description="Scheme, host and path, if any, where visitors reach this server; empty: taken from each request.",
    )
    allowed_origins: str = Field(
        "", description="Origins, separated by commas, whose pages may open a chat; `*` only in development."
    )
    contact: str = Field(
        "",
        max_length=200,
        description="Telephone number or mail address that the widget names to visitors who cannot be connected.",
    )
    trusted_proxies: str = Field(
        "",
        description="Your proxies, whose `X-Forwarded-For` names the visitor: networks, separated by commas, or how "
        "many proxies stand in a row. Empty: visitors connect directly.",
    )
    secret: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET), description="Signs session tokens; at least 32 random characters in production."
    )
    api_key: SecretStr = Field(
        SecretStr(""),
        description="A key with the role operator, for all protected routes, as long and random as the secret; empty: "
        "only the keys below.",
    )
    api_keys: SecretStr = Field(
        SecretStr(""), description="Keys with roles, `name role digest` a line each; `greenroom keys new` makes one."
    )
    audit_key: SecretStr = Field(
        SecretStr(""),
        description="Signs the rows of the audit log, so that rewriting them is seen; as long and random as the "
        "secret. Several, separated by commas: the first writes, all verify. Empty: a chain of digests without a key.",
    )
    signing_certificate: str = Field(
        "",
        description="PEM file with the certificate chain that signs clips (C2PA), the signer's first; empty: a "
        "development certificate, which no reader trusts.",
    )
    signing_key: str = Field("", description="PEM file with the private key of that certificate.")
    meanwhile: Meanwhile | Literal[""] = Field(
        "",
        description="What plays until a changed answer is rendered: `keep` (the old clip), `text` or `pull`; empty: as "
        "catalog.yaml says. An intent's own `meanwhile` wins.",
    )
    report_webhook: SecretStr = Field(
        SecretStr(""),
        description="Address for `greenroom report --post`; it may lie inside your own network. Empty: none.",
    )
    report_secret: SecretStr = Field(
        SecretStr(""), description="Signs posted letters (Standard Webhooks, `whsec_…`); empty: they are not signed."
    )
    visitor_webhook: SecretStr = Field(
        SecretStr(""),
        description="Address that gets visitors' forms and wishes for a person; it may lie inside your own network. "
        "Empty: none.",
    )
    visitor_secret: SecretStr = Field(
        SecretStr(""), description="Signs them (Standard Webhooks, `whsec_…`); empty: they are not signed."
    )
    log_context: bool = Field(
        default=False, description="The log of questions may have what the page tells of its visitor."
    )
    encoder: str = Field(
        "", description="A sentence-transformers model by name or folder; empty: the catalog's, else the shipped one."
    )
    budget_day_usd: Decimal = Field(
        Decimal(0), ge=0, description="What renders, voices and chat may cost a day, in US dollars."
    )
    budget_session_usd: Decimal = Field(
        Decimal(5), ge=0, description="What new answers may cost one visitor's session, in US dollars."
    )
    charge_alarm_share: Decimal = Field(
        Decimal("0.1"),
        ge=0,
        description="A provider's own figures may differ by this share from what is booked before it is told.",
    )
    providers_file: Path = Field(
        Path("providers.toml"), description="Your own prices, limits and endpoints of providers, if the file is there."
    )
    models_dir: Path = Field(
        Path("~/.cache/greenroom"), description="Folder for models and fits that are made at first use; safe to delete."
    )
    render_processes: int = Field(0, ge=0, le=64, description="Processes of the local renderer; 0: one a core.")
    quality_gate: Literal["full", "media", "file"] = Field(
        "full",
        description="What the quality gate checks; `media` leaves out faces and lips, for drawn figures; `file` leaves "
        "out picture and sound too, to try a renderer out.",
    )
    listen: Literal["paid", "all", "off"] = Field(
        "paid",
        description="Which clips are heard back before they are accepted: `paid` ones where the extra `ears` is "
        "installed, `all`, which needs it, or none (`off`).",
    )
    speech_seats: int = Field(
        0,
        ge=0,
        le=64,
        description="Spoken questions of visitors that this server hears at once, a processor core each; "
        "needs the extra `ears`. 0: none, visitors speak only where their browser hears them.",
    )
    film_deadline_s: float = Field(
        90.0, gt=0, description="How long a visitor waits for a new clip before text alone must be enough."
    )
    chat_model: str = Field(
        "gpt-5-mini", description="The model that words new answers if the catalog's `fallback.responder` is `chat`."
    )
    moderation: Literal["none", "openai"] = Field(
        "none", description="`openai`: a moderation service judges questions to a chat model and its answers."
    )
    blocked_words: str = Field(
        "", description="A text file with one word or phrase a line; a new answer is refused if one is asked or said."
    )
    answers_per_session: int = Field(50, ge=0, description="New answers one session may ask for; 0: any number.")
    answers_per_address_day: int = Field(
        300, ge=0, description="New answers one (hashed) address may ask for in a day; 0: any number."
    )
    sessions_per_address: int = Field(
        250, ge=0, description="Sessions that one (hashed) address may have open on a node; 0: any number."
    )
    answers_per_day: int = Field(
        5000, ge=0, description="New answers all visitors may ask for in a day; 0: any number."
    )
    keep_turns_days: int = Field(
        30, ge=0, le=3650, description="How long questions and their outcomes are stored; 0: not at all."
    )
    question_visitors: int = Field(
        2, ge=1, le=1000, description="Visitors who must have asked a question, in whatever words, to list its group."
    )
    session_idle_s: float = Field(14400.0, gt=0, description="A session ends after this long without a question.")
    detect_locale: bool = Field(
        default=False, description="Detect the language of each question, and answer in that locale of the catalog."
    )
    ready_budget_s: float = Field(
        2.0, gt=0, le=30, description="Time in which the database and the store each must answer for `/readyz`."
    )
    log_format: Literal["console", "json"] = Field("console", description="`json` for machines.")
    access_log: bool = Field(default=True, description="Log a line for each HTTP request that is no static file.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The lowest level that is logged."
    )

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.environment == "development":
            return self
        for key in AuditKeys.read(self.audit_key.get_secret_value()).keys:
            if why := weakness(key):
                raise ValueError(f"GREENROOM_AUDIT_KEY {why}; make one with `openssl rand -hex 32`.")
        for name, secret in (("GREENROOM_SECRET", self.secret), ("GREENROOM_API_KEY", self.api_key)):
            shown = secret.get_secret_value()
            if (shown or secret is self.secret) and (why := weakness(shown)):
                raise ValueError(f"{name} {why}; make one with `openssl rand -hex 32`.")
        if "*" in self.origins:
            raise ValueError(
                "GREENROOM_ALLOWED_ORIGINS must name the origins in production; `*` lets any page spend your budget."
            )
        return self

    @model_validator(mode="after")
    def _proxies_can_be_read(self) -> Self:
        try:
            TrustedProxies.read(self.trusted_proxies)
        except ValueError as error:
            raise ValueError(f"GREENROOM_TRUSTED_PROXIES: {error}") from None
        return self

    @model_validator(mode="after")
    def _clips_can_be_fetched(self) -> Self:
        if self.clips_url not in {"", PRESIGNED} and not self.clips_url.startswith(("https://", "http://")):
            raise ValueError("GREENROOM_CLIPS_URL must be empty, `presigned`, or an address with https://.")
        return self

    @model_validator(mode="after")
    def _visitor_webhook_can_be_used(self) -> Self:
        secret = self.visitor_secret.get_secret_value()
        check_webhook(self.visitor_webhook.get_secret_value(), secret, kind="VISITOR")
        return self

    @model_validator(mode="after")
    def _signs_with_both(self) -> Self:
        if bool(self.signing_certificate) != bool(self.signing_key):
            raise ValueError("GREENROOM_SIGNING_CERTIFICATE and GREENROOM_SIGNING_KEY are set together, or not at all.")
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
        """All keys of the routes: the operator's one, and those with roles."""
        return (*one_key(self.api_key.get_secret_value()), *read_keys(self.api_keys.get_secret_value()))

    @property
    def in_bucket(self) -> bool:
        """Return whether clips are stored in object storage."""
        return self.cache.startswith("s3://")

    @property
    def scratch(self) -> Path:
        """Folder for unfinished work: in the store's folder, on its file system; else `state/scratch`."""
        if self.scratch_dir:
            return Path(self.scratch_dir).absolute()
        return Path("state/scratch").absolute() if self.in_bucket else Path(self.cache).absolute() / "scratch"

    @property
    def proxies(self) -> TrustedProxies:
        """The trusted proxies."""
        return TrustedProxies.read(self.trusted_proxies)

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
    """Settings of the web layer."""

    secret: str
    """Signs session tokens; at least 32 characters outside development."""
    environment: Literal["development", "production"] = "development"
    public_url: str = ""
    """Scheme, host and port that visitors see, if a proxy hides them."""
    allowed_origins: tuple[str, ...] = ()
    """Origins of pages that may embed the widget; `*` counts in development only."""
    contact: str = ""
    """Where people are reached, for visitors who cannot be connected."""
    trusted_proxies: TrustedProxies = field(default_factory=TrustedProxies)
    """Proxies whose word about a visitor's address is believed."""
    sessions_per_address: int = 0
    """Sessions that one address may have open here; 0: any number."""
    keys: tuple[ApiKey, ...] = ()
    """Keys of the protected routes; without any, those routes are closed in production."""
    clips_origin: str = ""
    """Scheme and host that clips come from, if not this server."""
    version: str = "0"
    access_log: bool = True
    """Log a line for each request."""
