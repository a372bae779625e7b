"""Policy and classifier are kept, found again, made anew when they are broken, and never in the way."""

from pathlib import Path

import numpy as np
import pytest

from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.disk.checksummed import read_sealed, write_sealed
from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.adapters.encoders.side_by_side import SideBySideEncoder, beside
from app.catalog.model import Catalog
from app.matching.fit.encoder_tuning import TuningVerdict
from app.matching.folds import FoldVectors
from app.matching.matcher import Matcher
from app.matching.policy import Fitted
from app.matching.prepared_catalog import phrases_of
from app.runtime.settings.site import Settings
from app.runtime.wiring.matcher_cache import MOST_FILES, _fold_vectors, build_matcher
from app.runtime.wiring.store_and_encoder import encoder_for, original_for
from app.runtime.wiring.tuned_encoders import TunedEncoder, TunedEncoderFolder
from tests.support.catalogs import write_catalog
from tests.support.matching import a_catalog


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return load_or_raise(write_catalog(tmp_path))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(models_dir=tmp_path / "models")


def kept(settings: Settings, kind: str = "policy") -> list[Path]:
    return sorted((settings.models_dir / "fitted").glob(f"*.{kind}"))


def mark(path: Path) -> None:
    """Make a kept policy known again: whoever uses it has not fitted."""
    policy = Fitted.from_json((read_sealed(path) or b"").decode())
    write_sealed(path, policy.model_copy(update={"notes": ("kept",)}).to_json().encode())


def receipts(matcher: Matcher) -> list[object]:
    asked = ["may my dog come in", "how much is it", "who won the cup"]
    return [
        one.model_copy(update={"receipt": one.receipt.model_copy(update={"latency_ms": 0})})
        for one in matcher.decide_many(asked)
    ]


def test_the_second_build_does_not_fit_again(catalog, settings):
    build_matcher(settings, catalog, HashingEncoder())
    mark(kept(settings)[0])

    assert build_matcher(settings, catalog, HashingEncoder()).fitted.notes == ("kept",)


def test_a_language_without_phrases_costs_a_fit(settings):
    two = a_catalog().model_copy(update={"default_locale": "es", "locales": ("es", "en")})
    three = two.model_copy(update={"locales": ("es", "en", "it")})
    first = build_matcher(settings, two, encoder_for(settings, two))

    second = build_matcher(settings, three, encoder_for(settings, three))

    assert (set(first.fitted.abroad), set(second.fitted.abroad)) == ({"es"}, {"es", "it"})


def test_the_second_build_does_not_grow_the_classifier_again(catalog, settings, monkeypatch):
    first = build_matcher(settings, catalog, HashingEncoder())
    monkeypatch.setattr("app.matching.prepared_catalog.solve", lambda _: pytest.fail("grown again"))

    second = build_matcher(settings, catalog, HashingEncoder())

    assert receipts(second) == receipts(first)


def test_an_edited_answer_costs_nothing_an_edited_phrase_a_fit(catalog, settings):
    build_matcher(settings, catalog, HashingEncoder())
    mark(kept(settings)[0])
    told = [one.model_copy(update={"answer": {"en": ("Something else.",)}}) for one in catalog.intents]
    asked = [
        one.model_copy(update={"phrases": {"en": (*one.phrases.get("en", ()), "one more")}}) for one in catalog.intents
    ]

    by_answer = build_matcher(
        settings, catalog.model_copy(update={"intents": tuple(told), "digest": "1" * 64}), HashingEncoder()
    )
    by_phrase = build_matcher(
        settings, catalog.model_copy(update={"intents": tuple(asked), "digest": "2" * 64}), HashingEncoder()
    )

    assert by_answer.fitted.notes == ("kept",)
    assert by_phrase.fitted.notes != ("kept",)


def test_old_ones_are_cleared_away(catalog, settings):
    folder = settings.models_dir / "fitted"
    folder.mkdir(parents=True)
    for at in range(MOST_FILES + 5):
        (folder / f"{at}.head").touch()

    build_matcher(settings, catalog, HashingEncoder())

    assert len(list(folder.iterdir())) == MOST_FILES
    assert kept(settings)


def test_another_encoder_or_catalog_is_fitted_by_itself(catalog, settings, tmp_path):
    other = load_or_raise(write_catalog(tmp_path / "other", matching={"max_false_hit_rate": 0.05}))
    build_matcher(settings, catalog, HashingEncoder())
    mark(kept(settings)[0])

    by_encoder = build_matcher(settings, catalog, HashingEncoder(dimensions=128))
    by_catalog = build_matcher(settings, other, HashingEncoder())

    assert "kept" not in by_encoder.fitted.notes + by_catalog.fitted.notes
    assert len(kept(settings)) == len(kept(settings, "head")) == 3


@pytest.mark.parametrize("kind", ["policy", "head"])
@pytest.mark.parametrize("damage", ["empty", "cut", "altered", "another's"])
def test_a_damaged_file_is_made_anew(catalog, settings, kind, damage):
    first = build_matcher(settings, catalog, HashingEncoder())
    file = kept(settings, kind)[0]
    whole = file.read_bytes()

    match damage:
        case "empty":
            file.write_bytes(b"")
        case "cut":
            file.write_bytes(whole[:-1])
        case "altered":
            file.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
        case _:
            write_sealed(file, b"{}")
    second = build_matcher(settings, catalog, HashingEncoder())

    assert receipts(second) == receipts(first)
    assert file.read_bytes() == whole


@pytest.mark.parametrize("made", ["file", "link"])
def test_a_folder_that_cannot_be_written_costs_a_fit_only(catalog, settings, made):
    if made == "file":
        settings.models_dir.write_text("no folder")
    else:
        settings.models_dir.symlink_to("/proc/nowhere")

    assert build_matcher(settings, catalog, HashingEncoder()).fitted


def test_the_trials_of_a_tuned_encoder_get_the_second_one_s_columns(catalog, settings):
    base, texts = original_for(settings, catalog).name, ("may my dog come in", "how much is it")
    tuned = TunedEncoder(
        base=base, encoder="hashing", model="", verdict=VERDICT, seconds=1.0, texts=texts, intents={}, background={},
        phrases=tuple((one.intent, one.text, 0) for one in phrases_of(catalog)),
    )  # fmt: skip
    rows = HashingEncoder().encode(texts)
    home = TunedEncoderFolder(settings.models_dir / "tuned" / "one", tuned)
    home.write(FoldVectors(tuned.assignment(), texts, np.stack([rows] * 5).astype(np.float16)))
    second = HashingEncoder(dimensions=32)

    found = _fold_vectors(settings, catalog, SideBySideEncoder(HashingEncoder(), second, columns=32))

    assert found is not None
    assert np.allclose(found.vectors, np.stack([beside(rows, second.encode(texts))] * 5), atol=1e-3)


VERDICT = TuningVerdict(
    kept=True, plain=0.6, tuned=0.65, gain=0.05, gain_low=0.02, gain_high=0.08, phrases=9, promise=0.02
)
