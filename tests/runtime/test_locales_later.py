"""Questions in the default locale are decided as soon as its matcher is there; others wait for theirs."""

import asyncio
from typing import cast

import pytest

from app.adapters.encoders import universal_sentence
from app.conversation.fakes import FakeDecider
from app.errors import EncoderUnavailableError
from app.matching.matcher import Matcher
from app.runtime.serving import served_release
from app.runtime.serving.served_release import LoadingDecider
from app.runtime.settings.site import Settings
from app.runtime.wiring.matcher_cache import MatcherParts
from app.runtime.wiring.store_and_encoder import encoder_for
from tests.support.matching import a_catalog


def knows(**table: str) -> Matcher:
    return cast("Matcher", FakeDecider(table))


@pytest.mark.parametrize("tag", ["es", "ES", "es-MX"])
async def test_another_locale_waits_until_its_matcher_is_there(tag):
    decider = LoadingDecider()
    decider.use(knows(hours="hours"), without={"es"})
    spanish = asyncio.create_task(decider.decide("horario", locale=tag))

    english = await decider.decide("hours", locale="en")
    assert not spanish.done()
    decider.use(knows(horario="hours"))

    assert (english.intent, (await spanish).intent) == ("hours", "hours")


async def test_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setattr(served_release, "_PATIENCE_S", 0.01)
    decider = LoadingDecider()
    decider.use(knows(), without={"es"})

    with pytest.raises(EncoderUnavailableError, match="still loading"):
        await decider.decide("horario", locale="es")


def test_the_parts_make_the_whole_matcher(tmp_path):
    settings = Settings(models_dir=tmp_path)
    catalog = a_catalog().model_copy(update={"locales": ("en", "es")})
    parts = MatcherParts(settings, catalog, encoder_for(settings, catalog))

    default = parts.default()

    assert parts.later == {"es"}
    assert not default.others
    assert set(parts.added_to(default).others) == {"es"}


def test_a_visitor_finds_every_encoder_loaded(tmp_path):
    catalog = a_catalog().model_copy(update={"locales": ("en", "es")})
    settings = Settings(models_dir=tmp_path)
    parts = MatcherParts(settings, catalog, encoder_for(settings, catalog))
    default = parts.added_to(parts.default())  # its vectors are in the cache now
    universal_sentence._loaded.cache_clear()

    parts.awake(default)

    assert universal_sentence._loaded.cache_info().currsize == 1
