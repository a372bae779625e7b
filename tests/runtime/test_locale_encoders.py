"""Each locale gets an encoder that knows it, or a clear word about what to do."""

import pytest

from app.adapters.encoders import small_e5
from app.adapters.encoders.small_e5 import SmallE5Encoder
from app.catalog.model import Catalog
from app.errors import EncoderUnavailableError
from app.matching.prepared_catalog import spoken_in
from app.runtime.commands.check import check_catalog
from app.runtime.settings.site import Settings
from app.runtime.wiring.locale_encoders import chosen, encode_in
from app.runtime.wiring.matcher_cache import build_matcher
from app.runtime.wiring.store_and_encoder import encoder_for
from tests.support.catalogs import write_catalog
from tests.support.matching import PHRASES, a_catalog, an_intent


def a_catalog_in(*locales: str, **matching: str) -> Catalog:
    """A catalog that serves these locales, the first by default."""
    return a_catalog(**matching).model_copy(update={"locales": locales, "default_locale": locales[0]})


@pytest.mark.parametrize(
    ("locales", "kinds"),
    [
        (["en"], ["english"]),
        (["en", "en-GB"], ["english", "english"]),
        (["en", "de", "es"], ["english", "universal", "universal"]),
        (["de", "en"], ["universal", "universal"]),
        (["en", "da"], ["english", "e5"]),
        (["da", "en", "de"], ["e5", "e5", "e5"]),
        (["en", "de-AT", "el"], ["english", "universal", "e5"]),
        (["en", "tlh"], ["english", None]),
    ],
)
def test_a_locale_gets_an_encoder_that_knows_it_and_the_default_one(locales, kinds):
    assert [one.kind for one in chosen(Settings(), a_catalog_in(*locales))] == kinds


def test_an_encoder_that_the_author_names_reads_every_locale():
    named = a_catalog_in("en", "tlh", encoder="some/model")

    assert [one.kind for one in chosen(Settings(), named)] == ["named", "named"]


def test_without_the_extra_a_locale_that_needs_it_is_told_the_way_out(monkeypatch, tmp_path):
    monkeypatch.setattr(small_e5, "is_installed", lambda: False)
    settings, catalog = Settings(models_dir=tmp_path), a_catalog_in("en", "da")

    with pytest.raises(EncoderUnavailableError, match=r"`da`.*greenroom\[languages\].*drop the locale"):
        build_matcher(settings, catalog, encoder_for(settings, catalog))


def test_check_says_what_reads_each_locale_and_which_one_nothing_reads(tmp_path):
    root = write_catalog(tmp_path, locales=["en", "de", "tlh"])

    checked = check_catalog(Settings(catalog=root, models_dir=tmp_path / "models"), quick=True)

    assert [one.hint for one in checked.findings if one.rule == "locale-encoder"] == [
        "Name a multilingual model or its folder under `matching.encoder`, or drop the locale."
    ]
    assert dict(checked.encoders) == {
        "en": "the shipped encoder for English",
        "de": "the multilingual encoder",
        "tlh": "nothing",
    }


def test_english_decides_as_if_the_catalog_had_no_other_locale(tmp_path):
    settings = Settings(models_dir=tmp_path)
    alone = a_catalog()
    spanish = an_intent("jardin", {"en": PHRASES["dogs"][:3], "es": ["¿Hay un jardín?", "¿Dónde está el jardín?"]})
    both = a_catalog_in("en", "es").model_copy(update={"intents": (*alone.intents[:2], spanish, *alone.intents[3:])})
    only = spoken_in(both, ["en"])

    first = build_matcher(settings, both, encoder_for(settings, both))
    second = build_matcher(settings, only.model_copy(update={"locales": ("en",)}), encoder_for(settings, both))

    assert first.fitted.thresholds == second.fitted.thresholds
    questions = [text for texts in PHRASES.values() for text in texts] + ["do you have a garden", "how do I get in"]
    found, alike = (one.decide_many(questions, locale="en") for one in (first, second))
    assert [(one.intent, one.choices, one.receipt.probability) for one in found] == [
        (one.intent, one.choices, one.receipt.probability) for one in alike
    ]


def test_a_phrase_of_another_locale_is_known_word_for_word(tmp_path):
    settings = Settings(models_dir=tmp_path)
    garden = an_intent("jardin", {"en": ["Is there a garden?"], "es": ["¿Dónde está el jardín?"]})
    both = a_catalog_in("en", "es").model_copy(update={"intents": (garden, *a_catalog().intents)})

    matcher = build_matcher(settings, both, encoder_for(settings, both))

    (exact,) = matcher.decide_many(["¿Dónde está el jardín?"], locale="en")
    assert (exact.intent, exact.receipt.stage) == ("jardin", "exact")


def test_phrases_are_compared_by_the_encoder_of_their_locale():
    settings, catalog = Settings(), a_catalog_in("en", "es")
    encode = encode_in(settings, catalog, encoder_for(settings, catalog))

    assert encode(["¿Hay un jardín?"], "es").shape == (1, 512)


def test_an_english_question_finds_its_danish_translation():
    rows = SmallE5Encoder().encode(
        ["Where can I park?", "Hvor kan jeg parkere?", "When are you open?", "Hvad koster det?"]
    )

    cosines = rows @ rows.T
    assert cosines[0, 1] > max(cosines[0, 2], cosines[0, 3]) + 0.2
    assert abs(float((rows[0] * rows[0]).sum()) - 1) < 1e-5
