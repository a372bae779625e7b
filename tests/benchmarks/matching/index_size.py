"""`make bench-index`: memory and time of the lexical stage and the exact search, from 1,000 to 1,000,000 phrases.

    python -m tests.benchmarks.matching.index_size docs/benchmarks/index-size.md

Phrases are made of drawn words, vectors are drawn too: what is measured does not depend on meaning. Each size runs in
a process of its own, so that its memory is its own.
"""

import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from app.matching.index import PhraseIndex
from app.matching.lexical import LexicalPhrase, Lexicon

SIZES = (1_000, 10_000, 100_000, 1_000_000)
PER_INTENT = 20
DIMENSIONS = 384
ASKED = 50


def main(page: Path) -> None:
    """Measure every size and write the page."""
    rows = [_apart(size) for size in SIZES]
    page.write_text(_page(rows), encoding="utf-8")


def _apart(size: int) -> str:
    command = [sys.executable, "-m", "tests.benchmarks.matching.index_size", "--size", str(size)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def measure(size: int) -> str:
    """One line of the table."""
    random = np.random.default_rng(size)
    before = _peak_mb()
    phrases = _phrases(size, random)
    texts = _peak_mb()
    vectors = random.standard_normal((size, DIMENSIONS), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    started = time.process_time()
    index, lexicon = PhraseIndex(phrases, vectors), Lexicon(phrases)
    built = time.process_time() - started
    rows = random.integers(0, size, ASKED)
    exact = _ms(lambda row: lexicon.find(phrases[row].text, locale="en"), rows)
    miss = _ms(lambda row: lexicon.find(phrases[row].text + " otherwise", locale="en"), rows)
    search = _ms(lambda row: _searched(index, vectors[row]), rows)
    cells = (f"{size:,}", f"{built:.1f}", f"{texts - before:.0f}", f"{vectors.nbytes / 1e6:.0f}", f"{_peak_mb():.0f}")
    return "| " + " | ".join((*cells, f"{exact:.3f}", f"{miss:.3f}", f"{search:.2f}")) + " |"


def _phrases(size: int, random: np.random.Generator) -> list[LexicalPhrase]:
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    vocabulary = np.array(["".join(random.choice(letters, 7)) for _ in range(5_000)])
    texts = sorted({" ".join(vocabulary[random.integers(0, 5_000, 6)]) for _ in range(size)})
    while len(texts) < size:
        texts.append(f"{texts[-1]} more")
    return [LexicalPhrase(text, f"intent-{at // PER_INTENT:06}", "en", text) for at, text in enumerate(texts)]


def _searched(index: PhraseIndex, vector: np.ndarray) -> None:
    cosines = index.cosines(vector, locale="en")
    best = index.per_intent(cosines)
    index.nearest(cosines, index.intents[int(best.argmax())])


def _ms(ask: Callable[[int], object], rows: np.ndarray) -> float:
    """Median milliseconds of a question on the processor: waiting for others' work does not count."""
    taken = []
    for row in rows:
        started = time.process_time()
        ask(int(row))
        taken.append((time.process_time() - started) * 1000)
    return float(np.median(taken))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _page(rows: list[str]) -> str:
    return f"""# Memory and time by the number of phrases

`make bench-index`, {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores \
({platform.machine()}), one thread. Six drawn words a phrase, {PER_INTENT} phrases an intent, {DIMENSIONS} numbers a \
vector; milliseconds of processor time, median of {ASKED} questions.

| phrases | index built, s | phrases, MB | vectors, MB | peak of the process, MB | exact hit, ms | no slip found, ms \
| exact search, ms |
|---|---|---|---|---|---|---|---|
{chr(10).join(rows)}

The search looks at every phrase: it is never wrong about the nearest, and its time grows with their number. The other
parts of a decision do not: the encoder (about 2 ms in 8 bits), the guards (half a millisecond), the classifier, whose
time goes by the number of intents.

Not in the table: a phrase is encoded once, at about 400 a second in 8 bits, and its vector is kept
(`GREENROOM_MODELS_DIR`). 1,000 phrases take some 3 s, 100,000 some 4 minutes, 1,000,000 the better part of an hour,
and only at the first start. The classifier and
the policy are kept, too (150 intents: half a megabyte). With 1,500 phrases of 150 intents the matcher is then there
in under a second; when phrases have changed, in some 3 s on two quiet cores.
Catalogs of thousands of intents were not tried.
"""


if __name__ == "__main__":
    if sys.argv[1] == "--size":
        sys.stdout.write(measure(int(sys.argv[2])) + "\n")
    else:
        main(Path(sys.argv[1]))
