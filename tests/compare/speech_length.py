"""Fit of the lengths of speech: `python -m tests.compare.speech_length`, once for each new local voice.

The local voice speaks sentences of the documentation, alone and in a row, the sample catalog's documents and
phrases, answers of two other catalogs, and short sentences with figures. The weights are the ridge regression of
their lengths on `traits`, relative errors counted. It prints them as `app/rendering/plan/speech_length.py` has them,
and how well they do on the sample's answers and on both tables of spoken forms, which are no part of the fit.
"""

import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import yaml

from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.local.speech import Voice, speak
from app.adapters.text_normalisation.normaliser import GrammarNormaliser
from app.catalog.spoken.form import SpokenForm
from app.rendering.plan.speech_length import traits
from app.text import sentences

ROOT = Path(__file__).parents[2]
SENTENCES = 500
RIDGE = 0.03
_PROSE = re.compile(r"[A-Za-z ,.;:'’?!()-]{20,220}")

EACH_SHAPE = 12
_SHAPES = """
    "|The doors close at {hour}:{minute} {half}.|Come at {hour} {half}, please.
    Lunch is from {hour} {half} to {few} o'clock.|Our shop shuts at {hour} o'clock.|A guide costs €{many}.
    You pay ${few}.{minute} for two.|Parking: £{few} a day.|Take bus {few} or tram {many}.
    It was painted in {year}.|From {year} until {year}, it was a school.|The concert is on June {day}, {year}.
    Come on {day} August.|The walk takes {few} minutes.|Stay for {few} hours. Bring water.
    There are {many} seats and {few} tables.|About {minute}% of them are new.|Ask for room {letter}{few}.
    Write to Anna {letter}. Miller today.|We saw {many} birds. It rained.|The tower is {many} m high.
    She was number {few} of {many}.|Call 030 {many} {many}.|Ring 0{many} {minute}{minute}.
    Wait {few} days. We write to you.|Take a seat. It starts soon.|Go left. Then go right.
    Mr. Miller is here at {hour}.|It weighs {few}.5 kg.
    See www.{name}.{tld} for more.|Our site is {name}.{tld}.|Write to {name}@{other}.{tld}.
    It was built {year}-{later}.|It ran from {year} to {later}.|Open {few}-{more} o'clock.
    Allow {few}-{more} minutes.|Pages {few} to {many}.|Score: {few} to {more}.|The ratio is {few}:{more}.
    Call 1{few}.|The line 0{many} {minute}{minute} is open.|Ask {who} {letter}. {place} at {hour} o'clock.
    See figure {few} in part {more}.|Walk to {place} Street, then right.|Take the {letter}{few}.
    Floor {few}, left.|{many}x{many} cm|The {letter}{second}{third} is next door.
    Men, women, children.|Tickets incl. VAT.|Bring a coat, e.g. wool.
""".replace("\n", "|").split("|")

_NAMES = "river maple stone garden harbor bright silver market"

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
    catalog = load_or_raise(ROOT / "intents")
    texts = [text for intent in catalog.intents for text in intent.answer.get("en", ())]
    return _said([part.strip() for text in texts for part in (text, *sentences(text))])


def in_a_row(prose: Sequence[str]) -> list[str]:
    """Two and three of these sentences together: pauses between sentences."""
    pairs = [" ".join(prose[at : at + 2]) for at in range(0, 300, 2)]
    return pairs + [" ".join(prose[at : at + 3]) for at in range(300, 390, 3)]


def told() -> list[str]:
    """Sentences as people say them: the sample's documents and phrases, and other catalogs' answers."""
    catalog = load_or_raise(ROOT / "intents")
    found = [phrase for intent in catalog.intents for phrase in intent.phrases.get("en", ())][::2]
    for page in sorted((ROOT / "intents" / "knowledge").glob("*.md")):
        for paragraph in re.split(r"\n\s*\n", page.read_text(encoding="utf-8")):
            if paragraph[:1].isalpha():
                found += map(str.strip, sentences(" ".join(paragraph.split())))
    for page in sorted((ROOT / "tests" / "data" / "catalogs").rglob("*.yaml")):
        with suppress(yaml.YAMLError):  # some have an author's mistakes on purpose
            read = yaml.safe_load(page.read_text(encoding="utf-8"))
            answers = read["answer"]["en"] if isinstance(read, dict) and "answer" in read else ()
            for text in map(str, answers):
                found += [text, *map(str.strip, sentences(text))] if "{" not in text else ()
    return _said(found)


def forms(table: str) -> list[str]:
    """An English table of spoken forms, as it is said."""
    rows = (ROOT / "tests" / "data" / "spoken_forms" / table / "en.tsv").read_text(encoding="utf-8")
    return [line.split("\t")[1] for line in rows.splitlines()]


def figures() -> list[str]:
    """Short sentences with figures, as they are said; none of them is in a table of spoken forms."""
    dice = np.random.default_rng(2)
    letters, names = list("BCDEFGHJKLMNPRSTVWXYZ"), _NAMES.split()
    found = [
        shape.format(
            hour=dice.integers(1, 13), half=dice.choice(["am", "pm"]), minute=dice.choice([10, 15, 20, 40, 45, 50]),
            few=dice.integers(2, 20), many=dice.integers(20, 1000), year=dice.integers(1850, 2025),
            day=dice.integers(1, 29), later=dice.integers(2025, 2040), more=dice.integers(12, 30),
            letter=dice.choice(letters), second=dice.choice(letters), third=dice.choice(letters),
            name=dice.choice(names), other=dice.choice(names), tld=dice.choice(["com", "org", "net", "de", "info"]),
            who=dice.choice(["Paul", "Mary", "Ruth"]), place=dice.choice(["Baker", "Miller", "Castle", "Station"]),
        )
        for shape in map(str.strip, _SHAPES) if shape
        for _ in range(EACH_SHAPE)
    ]  # fmt: skip
    return _said(found)


def _said(texts: Sequence[str]) -> list[str]:
    normaliser = GrammarNormaliser()
    words = [text for text in texts if re.search("[a-z]", text)]
    return list(dict.fromkeys(SpokenForm.of(normaliser.segments(text, "en")).spoken for text in words))


def spoken(texts: Sequence[str]) -> Spoken:
    """Each text with the seconds that the local voice speaks it."""
    voice = Voice()
    return [(text, speak(voice, text).duration_s) for text in texts]


def fit(heard: Spoken) -> dict[str, float]:
    """Seconds of each trait."""
    found_traits = [traits(text) for text, _ in heard]
    names = sorted({trait for found in found_traits for trait, count in found.items() if count})
    seconds = np.array([length for _, length in heard])
    counts = np.array([[found[name] for name in names] for found in found_traits]) / seconds[:, None]
    weights = np.linalg.solve(counts.T @ counts + RIDGE * np.eye(len(names)), counts.T @ np.ones(len(seconds)))
    return dict(zip(names, weights.tolist(), strict=True))


def errors(weights: dict[str, float], heard: Spoken) -> np.ndarray:
    """Relative error of each length."""
    guessed = [sum(weights.get(trait, 0.0) * n for trait, n in traits(text).items()) for text, _ in heard]
    return np.array(guessed) / np.array([length for _, length in heard]) - 1


def main() -> None:
    """Print the weights and how well they do."""
    prose = documentation()
    heard = spoken([*prose, *in_a_row(prose), *figures(), *told()])
    weights = fit(heard)
    line = "    "
    for name, value in weights.items():
        entry = f"{name}:{value:.4f} "
        if len(line) + len(entry) > 110:
            sys.stdout.write(line.rstrip() + "\n")
            line = "    "
        line += entry
    sys.stdout.write(line.rstrip() + "\n")
    unseen = (("answers", answers()), ("forms", forms("")), ("mended forms", forms("mended")))
    for name, some in (("fit", heard), *((name, spoken(texts)) for name, texts in unseen)):
        off = np.abs(errors(weights, some))
        line = f"{name}: {len(some)} texts, within 10 %: {(off < 0.1).mean():.1%}, mean error {off.mean():.1%}"
        sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main()
