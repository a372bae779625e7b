"""A vendor films for the world: what is paid is read from its bill, never from our own books."""

from dataclasses import dataclass
from pathlib import Path

from tests.money.crash.lane import Lane
from tests.money.crash.places import FPS, SIDE_PX, vendor_environment
from tests.support.sites import SMALL, Site, small_site

VENDOR = "fal"
"""It sells by the second, knows no idempotency key, and has a list that proves which jobs it never took."""

FILMS_S = 4.0
"""How long it films the new answer: long enough to break something meanwhile."""

_HASTY = f"[{VENDOR}]\npoll_every_s = 0.3\ngrace_s = 3\nconcurrency = 8\n"
"""Only waiting is made shorter: how often it is asked, and how long it may keep a job from us."""


@dataclass(frozen=True)
class Filmed:
    """A site whose clips a vendor films, and that vendor."""

    site: Site
    vendor: Lane

    @property
    def told(self) -> dict[str, str]:
        """What every process of the site is told: whom to pay, and how much; the gate lets still pictures pass."""
        return {
            "GREENROOM_QUALITY_GATE": "media",
            "GREENROOM_BUDGET_DAY_USD": "100",
            "GREENROOM_PROVIDERS_FILE": str(self.site.root / "providers.toml"),
            **vendor_environment(VENDOR, self.vendor.url),
        }


def unfilmed(root: Path, vendor: Lane) -> Filmed:
    """A small catalog. What has no sound, the idle loop, is filmed here, not by the vendor."""
    avatar = {**SMALL, "renderers": [VENDOR, "local"], "video": {"height": SIDE_PX, "fps": FPS[VENDOR]}}
    one = Filmed(small_site(root, **{"avatars/mira.yaml": avatar}), vendor)
    (root / "providers.toml").write_text(_HASTY)
    return one


def filmed(root: Path, vendor: Lane) -> Filmed:
    """The same, warmed; the bill begins after it."""
    one = unfilmed(root, vendor)
    run = one.site.run("warm", "--yes", **one.told)
    assert run.returncode == 0, run.stdout + run.stderr
    vendor.films_take(FILMS_S)
    return one
