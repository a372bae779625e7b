"""`greenroom tune`, where a tuning is finished already: nothing is tuned twice, and it is told as it was judged."""

from pathlib import Path

import numpy as np
import pytest

from app.adapters.catalog_files.loader import load_or_raise
from app.matching.fit.encoder_tuning import TuningVerdict
from app.matching.folds import FoldVectors
from app.runtime.commands.tune import _key
from app.runtime.settings.site import load_settings
from app.runtime.wiring.store_and_encoder import original_for
from app.runtime.wiring.tuned_encoders import TunedEncoder, TunedEncoderFolder
from tests.cli.conftest import Greenroom
from tests.docs.pages import ROOT

SAMPLE = ROOT / "intents"


def a_finished_tuning(models: Path, *, kept: bool) -> None:
    catalog, settings = load_or_raise(SAMPLE), load_settings(models_dir=models)
    base = original_for(settings, catalog).name
    verdict = TuningVerdict(
        kept=kept, plain=0.6, tuned=0.65, gain=0.05, gain_low=0.02 if kept else -0.01, gain_high=0.08, phrases=519,
        promise=0.02,
    )  # fmt: skip
    tuned = TunedEncoder(
        base=base, encoder="all-MiniLM-L6-v2-tuned@0123456789ab" if kept else "", model="", verdict=verdict,
        seconds=301.0, phrases=(), intents={}, background={}, texts=(),
    )  # fmt: skip
    home = TunedEncoderFolder(models / "tuned" / _key(catalog, base), tuned)
    home.write(FoldVectors(tuned.assignment(), (), np.zeros((5, 0, 8), dtype=np.float16)))


@pytest.mark.parametrize("kept", [True, False])
def test_programs_get_the_verdict_as_the_last_line(
    greenroom: Greenroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, kept: bool
) -> None:
    monkeypatch.setenv("GREENROOM_MODELS_DIR", str(tmp_path))
    a_finished_tuning(tmp_path, kept=kept)

    ran = greenroom("tune", "--json", "--catalog", str(SAMPLE), site=None)

    summary = ran.lines[-1]
    assert ran.code == 0
    assert (summary["event"], summary["kept"], summary["gain"]) == ("summary", kept, 0.05)
    assert (summary["encoder"] is not None) == kept


def test_people_are_told_why_it_was_not_kept(
    greenroom: Greenroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENROOM_MODELS_DIR", str(tmp_path))
    a_finished_tuning(tmp_path, kept=False)

    ran = greenroom("tune", "--catalog", str(SAMPLE), site=None)

    assert "not kept" in ran.out
    assert "60.0%" in ran.out


def test_a_catalog_of_a_few_intents_is_told_that_it_needs_none(
    greenroom: Greenroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENROOM_MODELS_DIR", str(tmp_path))

    ran = greenroom("tune", "--json")

    assert ran.code == 1
    assert "needs no tuning" in ran.lines[-1]["error"]["message"]
