"""A voice per locale: who speaks which clip, what it costs, and that catalogs with one voice keep every key."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.text_normalisation.normaliser import GrammarNormaliser
from app.catalog.model import Avatar, Intent, Voice
from app.errors import ProviderRefusedError, ProviderUnknownError
from app.rendering.fakes import FakeRenderer, FakeSpeech
from app.rendering.plan.clips import WantedClip, catalog_clips
from app.rendering.plan.plan_json import plan_document
from app.rendering.plan.planner import Plan, PlanAction, make_plan
from app.rendering.plan.providers import providers_of
from app.rendering.ports import SpeechRequest
from app.rendering.tariffs import CallKind, Tariff
from app.store.labels import Labels
from tests.support.catalogs import write_catalog
from tests.support.render_world import RenderWorld, a_catalog, an_avatar, an_intent

ENGLISH, GERMAN = Voice(speech="here", id="anna"), Voice(speech="vendor", id="nova", speed=1.25)
MIXED = {"en": ENGLISH, "de": GERMAN}
HOURS = Intent(
    id="hours",
    topic="desk",
    title="Hours",
    answer={"en": ("We open at ten.",), "de": ("Wir öffnen um zehn.",), "de-AT": ("Wir machen um zehn auf.",)},
)

KEYS = {
    ("dogs", "en", 0): "4e7e419f35eb650947a8c4506709d929407aad821a20a213adf4ecae871fc24a",
    ("dogs", "en", 1): "1cbf23e4b45fe3804d372988b01b5f4033bccbca963b476bf38d6365889c35f8",
    ("dogs", "de-AT", 0): "769866678535bbecccda1295aacd2748cfbf002934cbdabbebebc31c48f9a10d",
    ("idle", "en", 0): "5c701d5eb8f94c37713064e39fcc016e570b16d26b243c36a3e9bc143dbc0eaa",
    ("tickets", "en", 0): "17bd3ce7cfa12c8ede4a328827e67b409130ea78ba63f8785e9c71e6c521c886",
}
"""Keys of clips as the last version without voices per locale made them (304a15e2)."""
DIGEST = "52e8498451a30d487fd7dc434da84b56f1fbcb9e51c44303f9e09c9ebea5d574"
"""Digest of the catalog, which names its releases, by the same version."""


def one_voice(folder: Path, voice: Any) -> Path:
    """The catalog of `KEYS`; the voice is the only thing to be changed about it."""
    mira = {
        "name": "Mira",
        "portrait": "mira.png",
        "voice": voice,
        "renderers": ["fake"],
        "consent": {"subject": "Mira", "kind": "synthetic"},
    }
    dogs = {
        "title": "Dogs",
        "phrases": {"en": ["May I bring my dog?"]},
        "answer": {"en": ["Dogs are welcome.", "A dog costs 8€."], "de-AT": ["Hunde kosten 8€."]},
    }
    settings = {"name": "Desk", "default_locale": "en", "locales": ["en", "de-AT"], "avatar": "mira"}
    files: dict[str, Any] = {
        "catalog.yaml": settings,
        "avatars/mira.yaml": mira,
        "avatars/mira.png": b"a portrait of nobody",
        "visiting/dogs.yaml": dogs,
    }
    return write_catalog(folder, files=files)


def keys_of(root: Path) -> dict[tuple[str, str, int], str]:
    catalog = load_or_raise(root)
    providers = providers_of(
        catalog.avatar,
        speech={"fake": FakeSpeech()},
        renderers={"fake": FakeRenderer()},
        normaliser=GrammarNormaliser(),
    )
    return {clip.lines[0].address: clip.key for clip in catalog_clips(catalog, providers)}


def test_catalogs_with_one_voice_keep_their_keys_and_their_digest(tmp_path: Path) -> None:
    root = one_voice(tmp_path, {"speech": "fake", "id": "anna", "speed": 1.25})

    found = keys_of(root)

    assert {address: found[address] for address in KEYS} == KEYS
    assert load_or_raise(root).digest == DIGEST


def test_a_voice_that_is_written_under_each_locale_keeps_the_clips(tmp_path: Path) -> None:
    voice = {"speech": "fake", "id": "anna", "speed": 1.25}
    apart = one_voice(tmp_path, {"en": voice, "de": voice})

    found = keys_of(apart)

    assert {address: found[address] for address in KEYS} == KEYS
    assert load_or_raise(apart).digest != DIGEST


def clips_of(avatar: Avatar, *intents: Intent, speech: Sequence[str] = ("here", "vendor")) -> dict[str, WantedClip]:
    voices = {name: FakeSpeech(name, version=f"{name}-7") for name in speech}
    providers = providers_of(avatar, speech=voices, renderers={"fake": FakeRenderer()})
    return {clip.lines[0].locale: clip for clip in catalog_clips(a_catalog(avatar, *intents), providers)}


def test_each_locale_is_spoken_by_its_own_voice(tmp_path: Path) -> None:
    found = clips_of(an_avatar(tmp_path, voice=MIXED), HOURS)

    recipes = {tag: clip.speech for tag, clip in found.items() if clip.speech}
    assert {tag: (one.provider, one.version, one.voice, one.speed) for tag, one in recipes.items()} == {
        "en": ("here", "here-7", "anna", 1.0),
        "de": ("vendor", "vendor-7", "nova", 1.25),
        "de-AT": ("vendor", "vendor-7", "nova", 1.25),
    }


def test_another_voice_of_one_locale_leaves_the_clips_of_the_others(tmp_path: Path) -> None:
    before = clips_of(an_avatar(tmp_path, voice=MIXED), HOURS)
    after = clips_of(an_avatar(tmp_path, voice={**MIXED, "de": Voice(speech="here", id="ute")}), HOURS)

    assert {tag for tag, clip in after.items() if clip.key != before[tag].key} == {"de", "de-AT"}


def test_a_voice_may_go_without_reading_in_one_locale_only(tmp_path: Path) -> None:
    avatar = an_avatar(tmp_path, voice={"en": ENGLISH, "de": GERMAN.model_copy(update={"normalise": False})})
    prices = an_intent("prices", "It costs 8€.").model_copy(update={"answer": {"en": ("8€.",), "de": ("8€.",)}})
    voices = {name: FakeSpeech(name) for name in ("here", "vendor")}
    providers = providers_of(avatar, speech=voices, renderers={"fake": FakeRenderer()}, normaliser=GrammarNormaliser())

    clips = catalog_clips(a_catalog(avatar, prices), providers)

    assert {c.locale: c.speech.spoken for c in clips if c.speech} == {"en": "eight euros.", "de": "8€."}


def test_an_unknown_voice_of_one_locale_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProviderUnknownError, match="vendor"):
        clips_of(an_avatar(tmp_path, voice=MIXED), HOURS, speech=["here"])


def a_plan(tmp_path: Path, voice: Any, *intents: Intent, tariffs: Sequence[str] = ("vendor",)) -> Plan:
    listed = {
        name: Tariff(CallKind.SPEECH, name, "m", Decimal(100), needs="VENDOR_API_KEY" if name == "vendor" else "")
        for name in tariffs
    }
    clips = tuple(clips_of(an_avatar(tmp_path, voice=voice), *intents).values())
    return make_plan(clips, [], capabilities={"fake": FakeRenderer().capabilities}, tariffs=listed)


def test_the_plan_names_the_paid_voice_its_locales_its_price_and_its_missing_key(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, MIXED, HOURS)

    [voice] = plan_document(plan)["voices"]
    characters = sum(len(HOURS.answer[tag][0]) for tag in ("de", "de-AT"))
    assert (voice["voice"], voice["locales"], voice["texts"]) == ("vendor", ["de", "de-AT"], 2)
    assert Decimal(voice["price"]) == Decimal(characters) / 10_000
    assert voice["needs"] == "VENDOR_API_KEY"


def test_two_paid_voices_are_two_lines(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, MIXED, HOURS, tariffs=["here", "vendor"])

    assert [(one["voice"], one["locales"]) for one in plan_document(plan)["voices"]] == [
        ("here", ["en"]),
        ("vendor", ["de", "de-AT"]),
    ]


def test_a_locale_without_a_voice_is_refused_in_the_plan_and_the_others_are_not(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, {"en": ENGLISH}, HOURS)

    assert {item.wanted.locale: item.action for item in plan.items} == {
        "en": PlanAction.NEW,
        "de": PlanAction.REFUSED,
        "de-AT": PlanAction.REFUSED,
    }
    refusals = {item.wanted.locale: item.refusal for item in plan.items}
    assert refusals["de"] is not None
    assert "no voice for `de`: write `de: {speech: ...}` below `voice:`" in refusals["de"].message


async def test_clips_are_filmed_with_the_voice_of_their_locale_and_none_is_lent(tmp_path: Path) -> None:
    world = RenderWorld(tmp_path)
    world.avatar = an_avatar(tmp_path, voice=MIXED)
    here, vendor = FakeSpeech("here"), FakeSpeech("vendor")
    studio = world.studio(speech={"here": here, "vendor": vendor})

    for locale in ("en", "de-AT"):
        clip = studio.wanted(world.avatar, text="Eins zwei.", locale=locale, labels=Labels())
        await studio.clip(clip, avatar=world.avatar)

    assert here.requests == [SpeechRequest("Eins zwei.", "en", "anna", 1.0)]
    assert vendor.requests == [SpeechRequest("Eins zwei.", "de-AT", "nova", 1.25)]
    french = studio.wanted(world.avatar, text="Un deux.", locale="fr", labels=Labels())
    with pytest.raises(ProviderRefusedError, match="no voice for `fr`"):
        await studio.clip(french, avatar=world.avatar)
    assert (len(here.requests), len(vendor.requests)) == (1, 1)


async def test_the_idle_loop_needs_no_voice(tmp_path: Path) -> None:
    world = RenderWorld(tmp_path)
    world.avatar = an_avatar(tmp_path, voice={"de": GERMAN})
    studio = world.studio(speech={"vendor": FakeSpeech("vendor")})
    idle = studio.wanted(world.avatar, text=None, locale="", labels=Labels())

    entry = await studio.clip(idle, avatar=world.avatar)

    assert entry.key == idle.key
