"""Palettes: the looks of the drawn presenter, with their colours and clothes."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Look:
    """All colours of one presenter, as `#rrggbb`; light comes from the upper left."""

    name: str
    hair_style: Literal["waves", "curls"]
    skin: str
    skin_light: str
    skin_shade: str
    skin_deep: str
    blush: str
    hair: str
    hair_light: str
    hair_dark: str
    hair_glow: str
    brow: str
    iris: str
    iris_light: str
    iris_dark: str
    lip: str
    lip_light: str
    lip_dark: str
    jacket: str
    jacket_light: str
    jacket_dark: str
    blouse: str
    blouse_shade: str
    metal: str
    accent: str
    wall: str
    wall_light: str
    wall_dark: str
    lamp: str


MIRA = Look(
    name="mira",
    hair_style="waves",
    skin="#eebd9b",
    skin_light="#fbdcc0",
    skin_shade="#d4936f",
    skin_deep="#a9603f",
    blush="#e5806f",
    hair="#5a3320",
    hair_light="#95603c",
    hair_dark="#2f180e",
    hair_glow="#c99463",
    brow="#4a2c1c",
    iris="#77603a",
    iris_light="#ab8d50",
    iris_dark="#3a2e1b",
    lip="#c4625f",
    lip_light="#e59a90",
    lip_dark="#8f3c3f",
    jacket="#23525c",
    jacket_light="#3a7580",
    jacket_dark="#12323b",
    blouse="#f8f1e6",
    blouse_shade="#d9c8b2",
    metal="#e2b66a",
    accent="#e07a4f",
    wall="#c9b79f",
    wall_light="#f3e6d0",
    wall_dark="#7d6a58",
    lamp="#fff0cf",
)

NOOR = Look(
    name="noor",
    hair_style="curls",
    skin="#a76d47",
    skin_light="#cd9469",
    skin_shade="#7f4b2e",
    skin_deep="#532c1a",
    blush="#b4573f",
    hair="#2a1a14",
    hair_light="#5d3c2a",
    hair_dark="#120a08",
    hair_glow="#93664a",
    brow="#1d120d",
    iris="#5a3a22",
    iris_light="#9a6a3c",
    iris_dark="#26150b",
    lip="#9c4b46",
    lip_light="#c98078",
    lip_dark="#642a2a",
    jacket="#7a3147",
    jacket_light="#a04f63",
    jacket_dark="#4a1a2b",
    blouse="#f5e6cf",
    blouse_shade="#cfb694",
    metal="#e8c074",
    accent="#f0b94b",
    wall="#9fb0ad",
    wall_light="#e3ebe4",
    wall_dark="#55686a",
    lamp="#fff4dd",
)

LOOKS = {look.name: look for look in (MIRA, NOOR)}
