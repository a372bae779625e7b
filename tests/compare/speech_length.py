"""Fit of the lengths of speech: `python -m tests.compare.speech_length`, once for each new local voice.

The local voice speaks some hundred sentences of the documentation. The weights are the ridge regression of their
lengths on `traits`, relative errors counted, and their level is that of the table of spoken forms: written prose has
longer words than answers. It prints them as `app/rendering/plan/speech_length.py` has them, and how
well they do on the answers of the sample catalog, which are no part of the fit.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.local.speech import Voice, speak
from app.adapters.text_normalisation.normaliser import GrammarNormaliser
from app.catalog.spoken.form import SpokenForm
from app.rendering.plan.speech_length import traits
from app.text import sentences

ROOT = Path(__file__).parents[2]
SENTENCES = 900
RIDGE = 0.003
_PROSE = re.compile(r"[A-Za-z ,.;:'’?!()-]{20,220}")

Spoken = list[tuple[str, float]]


def documentation() -> list[str]:
    """Sentences of the documentation that are prose, in a mixed order."""
    found: dict[str, None] = {}
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for paragraph in re.split(r"\n\s*\n", page.read_text(encoding="utf-8")):
            if not re.match(r"\s*[#|`>*\d-]|\s{4}", paragraph):
                found |= dict.fromkeys(map(str.strip, sentences(paragraph)))
    prose = [sentence for sentence in found if _PROSE.fullmatch(sentence)]
    return [prose[at] for at in np.random.default_rng(1).permutation(len(prose))[:SENTENCES]]


def answers() -> list[str]:
    """Answers of the sample catalog and their sentences, as the voice gets them."""
    catalog, normaliser = load_or_raise(ROOT / "intents"), GrammarNormaliser()
    texts = [text for intent in catalog.intents for text in intent.answer.get("en", ())]
    every = dict.fromkeys(part.strip() for text in texts for part in (text, *sentences(text)))
    return [SpokenForm.of(normaliser.segments(text, "en")).spoken for text in every]


def forms() -> list[str]:
    """The English table of spoken forms, as it is said."""
    table = ROOT / "tests" / "data" / "spoken_forms" / "en.tsv"
    return [line.split("\t")[1] for line in table.read_text(encoding="utf-8").splitlines()]


def spoken(texts: Sequence[str]) -> Spoken:
    """Each text with the seconds that the local voice speaks it."""
    voice = Voice()
    return [(text, speak(voice, text).duration_s) for text in texts]


def fit(heard: Spoken) -> dict[str, float]:
    """Seconds of each trait."""
    names = sorted({trait for text, _ in heard for trait, count in traits(text).items() if count})
    seconds = np.array([length for _, length in heard])
    counts = np.array([[traits(text)[name] for name in names] for text, _ in heard]) / seconds[:, None]
    found = np.linalg.solve(counts.T @ counts + RIDGE * np.eye(len(names)), counts.T @ np.ones(len(seconds)))
    return dict(zip(names, found.tolist(), strict=True))


def levelled(weights: dict[str, float], heard: Spoken) -> dict[str, float]:
    """Weights with the median length of these texts right."""
    factor = 1 / (1 + float(np.median(errors(weights, heard))))
    return {name: seconds * factor for name, seconds in weights.items()}


def errors(weights: dict[str, float], heard: Spoken) -> np.ndarray:
    """Relative error of each length."""
    guessed = [sum(weights.get(trait, 0.0) * n for trait, n in traits(text).items()) for text, _ in heard]
    return np.array(guessed) / np.array([length for _, length in heard]) - 1


def main() -> None:
    """Print the weights and how well they do."""
    heard, table, sample = spoken(documentation()), spoken(forms()), spoken(answers())
    weights = levelled(fit(heard), table)
    line = "    "
    for name, value in weights.items():
        entry = f"{name}:{value:.4f} "
        if len(line) + len(entry) > 110:
            sys.stdout.write(line.rstrip() + "\n")
            line = "    "
        line += entry
    sys.stdout.write(line.rstrip() + "\n")
    for name, some in (("documentation", heard), ("forms", table), ("sample", sample)):
        off = np.abs(errors(weights, some))
        told = f"{name}: {len(some)} texts, within 10 %: {(off < 0.1).mean():.1%}, mean error {off.mean():.1%}"
        sys.stderr.write(told + "\n")


if __name__ == "__main__":
    main()
