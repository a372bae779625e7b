"""Texts of the Studio that are no template: its pages, what is said after a change, and how values are written."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """Page in the navigation: its address, its name, the key that opens it after `g`, and the role that it needs."""

    place: str
    name: str
    key: str
    role: str = "viewer"


PAGES = (
    NavigationEntry("", "Overview", "o"),
    NavigationEntry("questions", "Questions", "q", "author"),
    NavigationEntry("intents", "Intents", "i"),
    NavigationEntry("facts", "Facts", "f", "author"),
    NavigationEntry("try", "Try it", "t"),
    NavigationEntry("releases", "Releases", "r"),
    NavigationEntry("plan", "Plan and warm", "p", "author"),
    NavigationEntry("avatars", "Avatars", "a"),
    NavigationEntry("settings", "Settings", "s", "operator"),
)
"""Pages in the order of an author's day."""

DONE: Mapping[str, str] = {
    "stopped": "The warm-up is stopped. The next one goes on from there.",
    "written": "Written to the catalog's files.",
    "committed": "Written to the catalog's files, and committed in git.",
    "same": "Nothing was changed: the form says what the file says.",
    "used": "Another release is current: every node serves it within seconds.",
    "published": "It is published: every node serves it within seconds.",
    "merged": "What others published is in the folder now.",
    "draft-saved": "The draft is saved.",
    "draft-approved": "The draft is approved.",
    "draft-timed": "The draft goes out at that time.",
    "draft-untimed": "The draft waits until somebody publishes it.",
    "draft-dropped": "The draft is deleted.",
    "state": "The state is set.",
    "withdrawn": "The consent is withdrawn: within ten seconds no node plays or renders this face.",
    "restored": "It is recorded that consent was given again.",
    "signed-out": "You are signed out.",
    "link": "The link is in the terminal in which Greenroom runs. It signs in once.",
}
"""Sentences after a change, by the name that the address carries."""


def count(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def percent(share: float | None) -> str:
    """Write a share; a dash where nothing is known."""
    return "–" if share is None else f"{share:.0%}"


def precise(share: float | None) -> str:
    """Write a small share with one decimal."""
    return "–" if share is None else f"{share:.1%}"


def dollars(amount: Decimal | None) -> str:
    """Write an amount in US dollars; `free` where it is nothing."""
    if amount is None:
        return "–"
    return f"${amount:,.2f}" if amount else "free"


def spent(amount: Decimal | None) -> str:
    """Write an amount that was or may be spent."""
    return "–" if amount is None else f"${amount:,.2f}"


def lasts(seconds: float) -> str:
    """Write a duration."""
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 10:
        return f"{minutes}:{rest:02d} min"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def moment(at: datetime | None) -> str:
    """Write a time of day, in UTC."""
    return "–" if at is None else f"{at.astimezone(UTC):%d %b %Y, %H:%M} UTC"


def codes(text: str) -> Markup:
    """Return text with what stands between backticks marked as code, and everything else as it is."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts))


def first_of(values: Iterable[Any]) -> Any:
    """Return the first value, or None."""
    return next(iter(values), None)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "count": count,
    "percent": percent,
    "precise": precise,
    "dollars": dollars,
    "spent": spent,
    "lasts": lasts,
    "moment": moment,
    "codes": codes,
    "first_of": first_of,
}
"""Filters of the templates."""
