"""What settings cost or risk, in a sentence each: for `greenroom doctor`."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.runtime.settings import PRESIGNED, Settings


@dataclass(frozen=True, slots=True)
class Advice:
    """One setting as it stands: what it costs, or what it risks; the value of a secret is never shown."""

    setting: str
    value: str
    weight: Literal["fine", "cost", "risk"]
    says: str


def advise(settings: Settings) -> tuple[Advice, ...]:
    """Every setting whose choice has a price."""
    return (*_storage(settings), *_state(settings), *_shown(settings), *_doors(settings), *_money(settings))


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
        says = "every byte of every clip passes this server; a CDN address here takes that off it"
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
        says = "hints and jobs only: when it is gone, hits are still answered and films come a few seconds later"
        yield Advice("GREENROOM_REDIS_URL", "set", "fine", says)
    else:
        says = (
            "nothing is told between nodes; right for one node" if embedded else "nodes learn of each other by looking"
        )
        yield Advice("GREENROOM_REDIS_URL", "", "fine" if embedded else "cost", says)


def _shown(settings: Settings) -> Iterator[Advice]:
    if settings.serve == "release":
        says = "visitors get what was published; an edited folder shows nowhere before `greenroom release publish`"
        yield Advice("GREENROOM_SERVE", "release", "fine", says)
    elif not settings.database_url.startswith("sqlite"):
        says = "every node needs the same folder and a restart for a new one; `release` changes all of them at once"
        yield Advice("GREENROOM_SERVE", "folder", "cost", says)


def _doors(settings: Settings) -> Iterator[Advice]:
    if settings.environment == "development":
        says = "anybody on this computer is an author; before strangers can reach it, say `production`"
        yield Advice("GREENROOM_ENVIRONMENT", "development", "risk", says)
    elif not (settings.api_key.get_secret_value() or settings.api_keys.get_secret_value()):
        yield Advice("GREENROOM_API_KEYS", "", "cost", "empty, and no GREENROOM_API_KEY: what needs a key is closed")
    if "*" in settings.origins:
        yield Advice("GREENROOM_ALLOWED_ORIGINS", "*", "risk", "any page may open a chat and spend the budget")


def _money(settings: Settings) -> Iterator[Advice]:
    limit = settings.budget_day_usd
    if "budget_day_usd" in settings.model_fields_set and limit > Decimal(0):
        yield Advice("GREENROOM_BUDGET_DAY_USD", str(limit), "cost", f"paid renderers may spend {limit} USD a day")
    else:
        says = "nothing may be spent beyond the catalog's own `budget.per_day`"
        yield Advice("GREENROOM_BUDGET_DAY_USD", str(limit), "fine", says)
    says = f"a visitor waits {settings.film_deadline_s:g} s for a film; then words have to do"
    yield Advice("GREENROOM_FILM_DEADLINE_S", f"{settings.film_deadline_s:g}", "fine", says)
