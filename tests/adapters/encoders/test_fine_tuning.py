"""The real model, tuned for a few seconds."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.adapters.encoders.concatenated import ConcatenatedEncoder
from app.adapters.encoders.fine_tuning import LEAST_STEPS, MOST_STEPS, ContrastiveTuner
from app.adapters.encoders.sentence_transformer import SentenceEncoder
from app.matching.fit.encoder_tuning import TuningExamples
from app.matching.normalise import normalise
from tests.support.matching import PHRASES, real_encoder

STEPS = 4


def a_lesson() -> TuningExamples:
    texts = [(normalise(text), owner) for owner, name in enumerate(PHRASES) for text in PHRASES[name]]
    return TuningExamples(tuple(t for t, _ in texts), tuple(o for _, o in texts), ("who won the match", "is gold safe"))


def spread(encoder: SentenceEncoder) -> float:
    """How much nearer phrases are to those of their own intent than to the others'."""
    examples = a_lesson()
    rows, owners = encoder.encode(examples.texts), np.array(examples.owners)
    alike, same = rows @ rows.T, owners[:, None] == owners[None]
    return float(alike[same].mean() - alike[~same].mean())


class Stopped(KeyboardInterrupt):
    """Ctrl-C, from inside."""


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that was tuned in one go."""
    folder = tmp_path_factory.mktemp("tuned")
    ContrastiveTuner(real_encoder(), threads=1, most_steps=STEPS).tune(a_lesson(), folder, moved=lambda _: None)
    return folder


@pytest.mark.long
def test_intents_move_apart_and_the_base_stays_as_it_was(tuned: Path) -> None:
    before = spread(real_encoder())

    assert spread(SentenceEncoder(str(tuned))) > before
    assert spread(real_encoder()) == before


@pytest.mark.long
def test_an_interrupted_tuning_goes_on_where_it_stopped(tmp_path: Path, tuned: Path) -> None:
    tuner, seen = ContrastiveTuner(real_encoder(), threads=1, most_steps=STEPS), list[int]()

    def stop_at_two(done: int) -> None:
        if done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        tuner.tune(a_lesson(), tmp_path, moved=stop_at_two)
    tuner.tune(a_lesson(), tmp_path, moved=seen.append)

    assert seen == [3, 4]
    whole, parted = (SentenceEncoder(str(folder)).encode(a_lesson().texts) for folder in (tuned, tmp_path))
    assert (whole * parted).sum(axis=1).min() > 0.999
    assert not (tmp_path / "state.pt").exists()


@pytest.mark.long
def test_what_is_tuned_already_is_left_alone(tuned: Path) -> None:
    seen, name = list[int](), SentenceEncoder(str(tuned)).name

    ContrastiveTuner(real_encoder(), most_steps=STEPS).tune(a_lesson(), tuned, moved=seen.append)

    assert (seen, SentenceEncoder(str(tuned)).name) == ([STEPS], name)
    assert json.loads((tuned / "tuned.json").read_text())["steps"] == STEPS


def test_a_state_that_cannot_be_read_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "state.pt").write_bytes(b"half a fi")
    seen = list[int]()

    ContrastiveTuner(real_encoder(), threads=1, most_steps=1).tune(a_lesson(), tmp_path, moved=seen.append)

    assert seen == [1]


def test_steps_grow_with_the_catalog_within_bounds() -> None:
    tuner = ContrastiveTuner(real_encoder())
    sizes = [tuner.steps(TuningExamples(("x",) * count, (0,) * count, ())) for count in (10, 1000, 100_000)]

    assert sizes == sorted(sizes)
    assert (sizes[0], sizes[-1]) == (LEAST_STEPS, MOST_STEPS)


def test_a_pair_is_as_near_as_both_together() -> None:
    pair = ConcatenatedEncoder(real_encoder(), real_encoder())
    texts = ["when are you open", "may I bring my dog"]

    rows = pair.encode(texts)

    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    single = real_encoder().encode(texts)
    assert rows[0] @ rows[1] == pytest.approx(single[0] @ single[1], abs=1e-5)
