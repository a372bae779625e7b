"""Two locales, two voices: what they cost, what is heard before filming, and whose voice each clip has."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from app.adapters.sql.engine import Database
from app.adapters.sql.erasing.traces import SqlTraces
from app.digest import Digest
from tests.cli.conftest import Greenroom
from tests.support.catalogs import FILES, write_catalog
from tests.support.simulated import Simulated, simulators
from tests.support.sites import SAMPLE_PORTRAIT, SMALL, Site

WORDS = {"en": "No dogs.", "de": "Keine Hunde."}


@pytest.fixture
def vendors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulated]:
    with simulators() as running:
        monkeypatch.setenv("OPENAI_API_KEY", "any")
        monkeypatch.setenv("OPENAI_BASE_URL", f"{running.url}/openai")
        monkeypatch.setenv("GREENROOM_BUDGET_DAY_USD", "1")
        yield running


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """English by the local voice, German by a vendor's."""
    voices = {"en": {"speech": "local"}, "de": {"speech": "openai", "id": "nova"}}
    dogs = {**FILES["visiting/dogs.yaml"], "answer": WORDS}  # type: ignore[dict-item]
    files = {
        "avatars/mira.yaml": {**SMALL, "voice": voices},
        "avatars/mira.png": SAMPLE_PORTRAIT.read_bytes(),
        "visiting/dogs.yaml": dogs,
    }
    write_catalog(tmp_path, files=files, locales=["en", "de"])
    return Site(tmp_path)


def test_a_locale_is_filmed_in_its_own_voice_and_one_that_was_heard_is_not_paid_again(
    greenroom: Greenroom, vendors: Simulated, site: Site
):
    del vendors
    before = greenroom("plan", "--json", site=site).document["voices"]
    heard = greenroom("say", WORDS["de"], "--locale", "de", "--paid", "--json", site=site).document
    again = greenroom("say", WORDS["de"], "--locale", "de", "--paid", "--json", site=site).document
    shouted = greenroom("say", WORDS["de"], "--locale", "DE", "--paid", "--json", site=site).document
    foreign = greenroom("say", WORDS["de"], "--locale", "fr", "--paid", site=site)
    english = greenroom("say", WORDS["en"], "--paid", "--json", site=site).document
    after = greenroom("plan", "--json", site=site).document["voices"]
    filmed = greenroom("warm", "--only", "dogs", "--json", site=site)

    assert [(one["voice"], one["locales"], one["texts"]) for one in before] == [("openai", ["de"], 1)]
    assert (heard["voice"], Decimal(heard["price"])) == ("openai", Decimal(before[0]["price"]))
    assert (again["price"], again["words"]) == ("0", heard["words"])
    assert (shouted["price"], shouted["locale"]) == ("0", "de")
    assert foreign.code != 0
    assert "nothing was ordered" in foreign.err
    assert (english["voice"], english["price"]) == ("local", "0")
    assert after == []
    assert filmed.lines[-1]["clips_done"] == 2
    assert Decimal(filmed.lines[-1]["spent"]) == 0


def test_words_that_a_visitor_has_erased_are_paid_once_and_kept_when_an_author_says_them(
    greenroom: Greenroom, vendors: Simulated, site: Site
):
    del vendors
    say = ("say", "Keine Katzen.", "--locale", "de", "--paid", "--json")
    first = greenroom(*say, site=site).document
    folder = site.cache / "v1" / "recipes"
    (entry,) = [json.loads(file.read_text()) for file in folder.rglob("*.json")]
    asyncio.run(_erase_as_a_visitor(site, entry["key"]))
    for file in folder.rglob("*.json"):
        file.unlink()  # as the eraser of that day did

    heard = greenroom(*say, site=site).document
    again = greenroom(*say, site=site).document

    assert heard["price"] == first["price"] != "0"
    assert again["price"] == "0"


async def _erase_as_a_visitor(site: Site, key: str) -> None:
    database = Database(site.environment()["GREENROOM_DATABASE_URL"])
    traces, now = SqlTraces(database), datetime(2026, 11, 30, tzinfo=UTC)
    await traces.ask("s_1", [Digest(key)], now=now)
    await traces.erase("s_1", now=now)
    await database.close()


def test_no_money_is_spent_to_hear_a_sentence_without_a_budget(
    greenroom: Greenroom, vendors: Simulated, site: Site, monkeypatch: pytest.MonkeyPatch
):
    del vendors
    monkeypatch.setenv("GREENROOM_BUDGET_DAY_USD", "0")

    refused = greenroom("say", WORDS["de"], "--locale", "de", "--paid", site=site)

    assert refused.code != 0
    assert "budget_exceeded" in refused.err


def test_without_its_own_voice_a_language_is_refused_and_the_way_is_told(greenroom: Greenroom, site: Site):
    refused = greenroom("say", WORDS["de"], "--locale", "de", site=site)

    assert refused.code == 1
    assert "have the voice of `openai`" in refused.err
    assert "--paid" in refused.err
