"""Tuning from end to end, with tuners that take no time: judged, resumed, refused, kept, used."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.catalog.model import Catalog
from app.errors import CatalogError
from app.matching.fit.encoder_tuning import TuningExamples
from app.matching.fit.thresholds import fit_prepared
from app.matching.normalise import normalise
from app.matching.ports import Encoder, Vectors
from app.matching.prepared_catalog import prepare
from app.runtime.commands.tune import TuningSetup, tune_in
from app.runtime.settings.site import load_settings
from app.runtime.wiring.tuned_encoders import find_tuned
from tests.support.matching import PHRASES, a_catalog

PLAIN = HashingEncoder(dimensions=24)
"""So few places that many phrases fall together."""

MEANT = {normalise(text): at for at, texts in enumerate(PHRASES.values()) for text in texts}


class Clever:
    """An encoder that knows what the phrases mean."""

    name = "clever"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A place an intent; what it has not heard of looks like nothing else."""
        rows = 0.3 * HashingEncoder(dimensions=64).encode(texts)
        for row, text in zip(rows, texts, strict=True):
            if text in MEANT:
                row[MEANT[text]] += 2.0
        unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit


class Pretending:
    """A tuner that writes a file and remembers its lessons; interrupted at the one that `stop_at` names."""

    def __init__(self, stop_at: int = -1) -> None:
        self.lessons = list[TuningExamples]()
        self.stop_at = stop_at

    def steps(self, examples: TuningExamples) -> int:
        """One for ten texts."""
        return len(examples.texts) // 10

    def tune(self, examples: TuningExamples, folder: Path, *, moved: Callable[[int], None]) -> None:
        """Learn nothing."""
        if len(self.lessons) == self.stop_at:
            raise KeyboardInterrupt
        self.lessons.append(examples)
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")
        moved(self.steps(examples))


def a_workshop(folder: Path, tuner: Pretending, tuned: Encoder) -> TuningSetup:
    return TuningSetup(tuner=tuner, base="base@1", plain=PLAIN, serving=lambda _: tuned, folder=folder / "tuned")


def ignore(_: str, __: int, ___: int) -> None:
    """Watch nothing."""


def test_what_is_better_is_kept_and_found_again(tmp_path: Path) -> None:
    settings, catalog = load_settings(models_dir=tmp_path), a_catalog()

    home = tune_in(a_workshop(tmp_path, Pretending(), Clever()), catalog, watch=ignore)

    assert home.tuned.verdict.kept
    assert home.tuned.verdict.gain_low > 0
    assert home.tuned.encoder.startswith("base-tuned@")
    found = find_tuned(settings, catalog, "base@1")
    assert found is not None
    assert found.model.is_dir()
    assert find_tuned(settings, catalog, "another@1") is None


def test_what_is_no_better_is_not_kept(tmp_path: Path) -> None:
    home = tune_in(a_workshop(tmp_path, tuner := Pretending(), PLAIN), a_catalog(), watch=ignore)

    assert not home.tuned.verdict.kept
    assert find_tuned(load_settings(models_dir=tmp_path), a_catalog(), "base@1") is None
    assert len(tuner.lessons) == 5  # the encoder itself was never tuned


def test_each_trial_is_kept_from_what_it_is_judged_by(tmp_path: Path) -> None:
    home = tune_in(a_workshop(tmp_path, tuner := Pretending(), Clever()), a_catalog(), watch=ignore)

    assignment, whole = home.tuned.assignment(), tuner.lessons[-1]
    for fold, examples in enumerate(tuner.lessons[:-1]):
        out = {text for (_, text), part in assignment.phrases.items() if part == fold}
        away = {text for (name, text) in assignment.phrases if assignment.intents[name] == fold}
        beside = {text for text, part in assignment.background.items() if part == fold}
        assert out
        assert away
        assert not (out | away) & set(examples.texts)
        assert not beside & set(examples.background)
    assert set(MEANT) <= set(whole.texts)


def test_an_interrupted_tuning_goes_on_with_the_next_trial(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        tune_in(a_workshop(tmp_path, Pretending(stop_at=3), Clever()), a_catalog(), watch=ignore)

    home = tune_in(a_workshop(tmp_path, tuner := Pretending(), Clever()), a_catalog(), watch=ignore)

    assert len(tuner.lessons) == 3  # two trials and the encoder itself
    assert home.tuned.verdict.kept


def test_a_finished_tuning_is_not_repeated_unless_asked(tmp_path: Path) -> None:
    first = tune_in(a_workshop(tmp_path, Pretending(), Clever()), a_catalog(), watch=ignore)

    same = tune_in(a_workshop(tmp_path, idle := Pretending(), Clever()), a_catalog(), watch=ignore)
    tune_in(a_workshop(tmp_path, busy := Pretending(), Clever()), a_catalog(), watch=ignore, again=True)

    assert same.tuned == first.tuned
    assert (len(idle.lessons), len(busy.lessons)) == (0, 6)


def test_progress_only_grows_and_ends_at_the_end(tmp_path: Path) -> None:
    seen = list[tuple[int, int]]()

    tune_in(
        a_workshop(tmp_path, Pretending(), Clever()), a_catalog(), watch=lambda _, done, all_: seen.append((done, all_))
    )

    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1]


@pytest.mark.parametrize(("added", "used"), [(1, True), (20, False)])
def test_a_few_new_phrases_change_nothing_many_do(tmp_path: Path, added: int, used: bool) -> None:  # noqa: FBT001
    tune_in(a_workshop(tmp_path, Pretending(), Clever()), a_catalog(), watch=ignore)
    more = {**PHRASES, "dogs": [*PHRASES["dogs"], *(f"another way to say it, number {at}" for at in range(added))]}

    found = find_tuned(load_settings(models_dir=tmp_path), a_catalog(more), "base@1")

    assert (found is not None) == used


def grown() -> Catalog:
    """The catalog a day later: a phrase and a near miss more."""
    return a_catalog({**PHRASES, "dogs": [*PHRASES["dogs"], "Could my hound join me?"]})


@pytest.mark.parametrize("catalog", [a_catalog(), grown()], ids=["as tuned", "a day later"])
def test_the_policy_of_a_tuned_encoder_is_fitted_on_the_trials(tmp_path: Path, catalog: Catalog) -> None:
    home = tune_in(a_workshop(tmp_path, Pretending(), PLAIN), a_catalog(), watch=ignore)
    width = home.fold_vectors().vectors.shape[-1] // 2

    class ByHeart:
        """Tuned so hard that it knows every phrase, beside its base."""

        name = "by heart"

        def encode(self, texts: Sequence[str]) -> Vectors:
            rows = np.concatenate([Clever().encode(texts)[:, :width], PLAIN.encode(texts)], axis=1)
            unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
            return unit

    boasting = fit_prepared(catalog, prepare(catalog, ByHeart()))
    honest = fit_prepared(catalog, prepare(catalog, ByHeart(), home.fold_vectors()))

    assert honest.hit_rate.value < boasting.hit_rate.value


def test_a_catalog_of_a_few_intents_is_not_tuned(tmp_path: Path) -> None:
    few = a_catalog({name: PHRASES[name] for name in ("dogs", "parking")})

    with pytest.raises(CatalogError, match="at least 5 intents"):
        tune_in(a_workshop(tmp_path, Pretending(), Clever()), few, watch=ignore)
