"""Advice on settings: what each costs or risks, in a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.runtime.settings.site import PRESIGNED, Settings


@dataclass(frozen=True, slots=True)
class Advice:
    """One setting: its value, and what it costs or risks. The value of a secret is never shown."""

    setting: str
    value: str
    weight: Literal["fine", "cost", "risk"]
    says: str


def advise(settings: Settings) -> tuple[Advice, ...]:
    """Return advice on every setting whose value has a cost or a risk."""
    return (*_storage(settings), *_state(settings), *_shown(settings), *_access(settings), *_money(settings))


def _storage(settings: Settings) -> Iterator[Advice]:
    if settings.in_bucket:
        says = "every look-up asks the bucket: plan and verify of a large catalog take longer than on a disk"
        yield Advice("GREENROOM_CACHE", settings.cache, "cost", says)
    else:
        says = "clips live on this computer only; several nodes need one bucket: `store copy` moves there"
        yield Advice("GREENROOM_CACHE", settings.cache, "fine", says)
    if settings.clips_url == PRESIGNED and not settings.in_bucket:
        says = "has no effect while GREENROOM_CACHE is a folder: clips come from this server"
        yield Advice("GREENROOM_CLIPS_URL", settings.clips_url, "risk", says)
    elif settings.clips_url == PRESIGNED:
        says = "browsers must reach the bucket, and its CORS rules must let pages read from it"
        yield Advice("GREENROOM_CLIPS_URL", settings.clips_url, "cost", says)
    elif not settings.clips_url:
        says = "this server sends every byte of every clip; the address of a CDN here relieves it"
        yield Advice("GREENROOM_CLIPS_URL", "", "cost", says)


def _state(settings: Settings) -> Iterator[Advice]:
    embedded = settings.database_url.startswith("sqlite")
    if embedded:
        says = "one serving node, about 200 commits a second; PostgreSQL lets several serve and survives the computer"
        yield Advice("GREENROOM_DATABASE_URL", "SQLite", "fine", says)
    else:
        says = "every node keeps up to 15 connections open; size the server for nodes and workers together"
        yield Advice("GREENROOM_DATABASE_URL", "PostgreSQL", "cost", says)
    if settings.redis_url.get_secret_value():
        says = (
            "notifications and jobs only: without it, stored answers still play and new clips come a few seconds later"
        )
        yield Advice("GREENROOM_REDIS_URL", "set", "fine", says)
    else:
        says = (
            "no notifications between nodes; right for one node"
            if embedded
            else "nodes notice each other's changes by polling"
        )
        yield Advice("GREENROOM_REDIS_URL", "", "fine" if embedded else "cost", says)


def _shown(settings: Settings) -> Iterator[Advice]:
    if settings.serve == "release":
        says = "visitors get the published release; an edited folder has no effect until `greenroom release publish`"
        yield Advice("GREENROOM_SERVE", "release", "fine", says)
    elif not settings.database_url.startswith("sqlite"):
        says = "every node needs the same folder and a restart for a new one; `release` changes all of them at once"
        yield Advice("GREENROOM_SERVE", "folder", "cost", says)


def _access(settings: Settings) -> Iterator[Advice]:
    if settings.environment == "development":
        says = "anybody on this computer has all roles; set `production` before you open the site to the public"
        yield Advice("GREENROOM_ENVIRONMENT", "development", "risk", says)
    elif not (settings.api_key.get_secret_value() or settings.api_keys.get_secret_value()):
        says = "empty, and no GREENROOM_API_KEY: routes that need a key are closed"
        yield Advice("GREENROOM_API_KEYS", "", "cost", says)
    yield _proxies(settings)
    if "*" in settings.origins:
        yield Advice("GREENROOM_ALLOWED_ORIGINS", "*", "risk", "any page may open a chat and spend the budget")


def _proxies(settings: Settings) -> Advice:
    trusted = settings.trusted_proxies
    if trusted:
        says = "what they say about a visitor's address is believed; each must send X-Forwarded-For"
        return Advice("GREENROOM_TRUSTED_PROXIES", trusted, "fine", says)
    if settings.environment == "development":
        return Advice("GREENROOM_TRUSTED_PROXIES", "", "fine", "visitors connect directly; this computer has no limits")
    says = "behind a proxy all visitors share the limits of one address; name the proxy's network, or `1`"
    return Advice("GREENROOM_TRUSTED_PROXIES", "", "risk", says)


def _money(settings: Settings) -> Iterator[Advice]:
    limit = settings.budget_day_usd
    if "budget_day_usd" in settings.model_fields_set and limit > Decimal(0):
        yield Advice("GREENROOM_BUDGET_DAY_USD", str(limit), "cost", f"paid renderers may spend {limit} USD a day")
    else:
        says = "nothing may be spent beyond the catalog's own `budget.per_day`"
        yield Advice("GREENROOM_BUDGET_DAY_USD", str(limit), "fine", says)
    says = f"a visitor waits {settings.film_deadline_s:g} s for a new clip, then gets words alone"
    yield Advice("GREENROOM_FILM_DEADLINE_S", f"{settings.film_deadline_s:g}", "fine", says)
