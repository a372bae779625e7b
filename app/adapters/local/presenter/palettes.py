"""Palettes: the looks of the drawn presenter, with their colours and clothes."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Features:
    """Features beside the colours: lines of age and stubble from 0 to 1, lashes and brows as shares of the usual."""

    lines: float = 0.0
    stubble: float = 0.0
    lashes: float = 1.0
    brows: float = 1.0
    lips: float = 1.0
    square_jaw: bool = False
    round_neck: bool = False
    """A shirt that is closed at the neck, without a necklace, in place of the blouse."""


@dataclass(frozen=True, slots=True)
class Look:
    """All colours of one presenter, as `#rrggbb`, and its features; light comes from the upper left."""

    name: str
    hair_style: Literal["waves", "curls", "parted", "bob"]
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
    features: Features = Features()


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

TOMAS = Look(
    name="tomas",
    hair_style="parted",
    skin="#dba782",
    skin_light="#f0c8a4",
    skin_shade="#bb7f59",
    skin_deep="#8a5334",
    blush="#cf7c60",
    hair="#33241c",
    hair_light="#665040",
    hair_dark="#1a110d",
    hair_glow="#937760",
    brow="#2c1d15",
    iris="#4f5f4d",
    iris_light="#82917a",
    iris_dark="#263026",
    lip="#b8745f",
    lip_light="#cf917a",
    lip_dark="#8a4f40",
    jacket="#3b4254",
    jacket_light="#59627a",
    jacket_dark="#222735",
    blouse="#e9ecee",
    blouse_shade="#b9c2c9",
    metal="#c6ccd4",
    accent="#4f8fb0",
    wall="#b9b3a4",
    wall_light="#efe9db",
    wall_dark="#6b675e",
    lamp="#fff1d6",
    features=Features(lines=0.12, stubble=0.8, lashes=0.45, brows=1.4, lips=0.8, square_jaw=True, round_neck=True),
)

ADA = Look(
    name="ada",
    hair_style="bob",
    skin="#efc6ad",
    skin_light="#fbe3d2",
    skin_shade="#d29f85",
    skin_deep="#a26a52",
    blush="#de8b7f",
    hair="#b4b2ae",
    hair_light="#dedcd8",
    hair_dark="#7f7c79",
    hair_glow="#f6f5f2",
    brow="#8d857d",
    iris="#5d7f98",
    iris_light="#93b2c4",
    iris_dark="#2f4656",
    lip="#bd6d6a",
    lip_light="#dc9c94",
    lip_dark="#8a4748",
    jacket="#5c4a6e",
    jacket_light="#7d6993",
    jacket_dark="#382c46",
    blouse="#f6f2ea",
    blouse_shade="#d3c8ba",
    metal="#d9dce0",
    accent="#b9a2d6",
    wall="#c3b8ab",
    wall_light="#f2eadf",
    wall_dark="#756b62",
    lamp="#fff3de",
    features=Features(lines=0.9, lashes=0.7, brows=0.85, lips=0.88),
)

LOOKS = {look.name: look for look in (MIRA, NOOR, TOMAS, ADA)}
