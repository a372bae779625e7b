"""A site of its own for each worker: a catalog that one vendor films and a simulated voice speaks, beside its store."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.runtime.settings.vendors import KEY_NAMES, address_name
from tests.support.catalogs import FILES, Content, write_catalog
from tests.support.sites import SAMPLE_PORTRAIT

SIDE_PX = 128
"""The smallest picture an avatar may ask for."""

FPS: Mapping[str, int] = {
    "fal": 30,
    "wavespeed": 30,
    "eachlabs": 30,
    "atlascloud": 30,
    "heygen": 25,
    "did": 25,
    "sync": 25,
    "http": 30,
    "runware": 25,
    "kling": 30,
    "creatify": 30,
}
"""What each vendor's first model delivers; the names are all the vendors there are."""

VENDORS = tuple(FPS)

_SPEAKERS = {"openai": "alloy", "elevenlabs": "21m00Tcm4TlvDq8ikWAM"}


@dataclass(frozen=True, slots=True)
class Place:
    """A site's folder, the vendor that films for it, and where the simulators are. Goes to the worker as it is."""

    folder: Path
    vendor: str
    url: str
    hooks_url: str = ""
    hooks_secret: str = ""
    voice: str = "openai"

    @property
    def cache(self) -> Path:
        """The clip store."""
        return self.folder / "cache"

    @property
    def environment(self) -> dict[str, str]:
        """What a user would export."""
        return {
            "GREENROOM_CATALOG": str(self.folder / "intents"),
            "GREENROOM_CACHE": str(self.cache),
            "GREENROOM_DATABASE_URL": f"sqlite+aiosqlite:///{self.folder}/state.db",
            "GREENROOM_PUBLIC_URL": self.hooks_url,
            "GREENROOM_LISTEN": "off",  # the simulators' voices are tones
            f"{self.vendor.upper()}_WEBHOOK_SECRET": self.hooks_secret,
            **vendor_environment(self.vendor, self.url),
            **vendor_environment(self.voice, self.url),
        }


def vendor_environment(vendor: str, url: str) -> dict[str, str]:
    """The key and the address that lead to the simulator instead of the vendor."""
    key = "any:any" if vendor == "creatify" else "any"  # an id and a key
    return {KEY_NAMES[vendor]: key, address_name(vendor): f"{url}/{vendor}"}


def write_place(place: Place, answers: Mapping[str, str]) -> None:
    """Write the catalog: an intent for each answer, nothing else."""
    files: dict[str, Content] = dict.fromkeys(FILES)
    files["avatars/mira.yaml"] = _avatar(place)
    for name, answer in answers.items():
        intent = {"title": name.title(), "phrases": {"en": [f"What about {name}?"]}, "answer": {"en": answer}}
        files[f"{name[:3]}/{name}.yaml"] = intent
    root = write_catalog(place.folder, files=files, budget={"per_day": 1_000_000})
    shutil.copy(SAMPLE_PORTRAIT, root / "avatars" / "mira.png")


def _avatar(place: Place) -> dict[str, Any]:
    return {
        "name": "Mira",
        "portrait": "mira.png",
        "voice": {"speech": place.voice, "id": _SPEAKERS[place.voice]},
        "renderers": [place.vendor],
        "video": {"height": SIDE_PX, "fps": FPS[place.vendor]},
        "disclosure": {"en": "Mira is an AI-generated presenter."},
        "consent": {"subject": "Mira", "kind": "synthetic"},
    }
