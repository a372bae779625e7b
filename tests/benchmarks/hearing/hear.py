"""Is a wrong word noticed, and a right one let through? Control sentences, spoken rightly and wrongly, are judged.

`python -m tests.benchmarks.hearing.hear docs/benchmarks/hearing.md en-fresh museum`: each set has its section on the
page. A set is a file of `data/`; `museum` is every English answer of the sample catalog, spoken as it is written.
"""

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.ears.whisper import WhisperRecogniser
from app.adapters.local.speech import LocalSpeech
from app.adapters.text_normalisation.normaliser import GrammarNormaliser
from app.catalog.model import Avatar
from app.rendering.media.hearing.ear import Ear, facts_in
from app.rendering.media.hearing.rules import Hearing
from app.rendering.ports import SpeechRequest
from app.rendering.text_normalisation import spoken_form
from app.runtime.settings.site import load_settings
from app.store.recipes import SpeechRecipe, spoken_text
from tests.benchmarks.page import put, taken

COMMAND, TITLE = "make bench-hearing", "Hearing"
DATA = Path(__file__).parent / "data"
CATALOG = Path("intents")
MUSEUM = "museum"


@dataclass(frozen=True)
class Sentence:
    """Sentence to judge: what is written, what is said, its facts; `kind` is empty if both are the same."""

    text: str
    said: str
    facts: tuple[str, ...] = ()
    kind: str = ""


@dataclass
class Heard:
    """What came of a set: sentences by kind and whether they were refused, those judged wrongly, seconds."""

    counts: Counter[tuple[str, bool]] = field(default_factory=Counter)
    wrong: list[tuple[Sentence, Hearing]] = field(default_factory=list)
    sound_s: float = 0.0
    processor_s: float = 0.0


def sentences_of(name: str, avatar: Avatar) -> Iterator[Sentence]:
    """Yield the sentences of a set, right and wrong ones."""
    if name == MUSEUM:
        for intent in load_or_raise(CATALOG).intents:
            yield from (Sentence(text, text, facts_in(text, "en", avatar)) for text in intent.answer.get("en", ()))
        return
    for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        facts = tuple(row["facts"])
        yield Sentence(row["text"], row["text"], facts)
        yield Sentence(row["text"], row["spoiled"], facts, row["kind"])


async def heard(name: str, folder: Path, models_dir: Path) -> Heard:
    """Speak and hear a set."""
    avatar, language = load_or_raise(CATALOG).avatar, name[:2] if name != MUSEUM else "en"
    normaliser, voice = GrammarNormaliser(), LocalSpeech(models_dir)
    ear, found = Ear(WhisperRecogniser(folder), normaliser, "all"), Heard()
    for number, one in enumerate(sentences_of(name, avatar)):
        here = avatar.model_copy(update={"facts": {"": one.facts}})
        form = spoken_form(one.said, locale=language, avatar=here, normaliser=normaliser)
        spoken = await voice.speak(SpeechRequest(form.spoken if form else one.said, language, "default", 1.0))
        wav = folder / f"{number}.wav"
        wav.write_bytes(spoken.wav)
        written = spoken_form(one.text, locale=language, avatar=here, normaliser=normaliser)
        recipe = SpeechRecipe(
            provider="local",
            version="1",
            voice="default",
            speed=1.0,
            locale=language,
            text=spoken_text(one.text),
            form=written,
        )
        began = time.process_time()
        hearing = await ear.listen(wav, recipe, here)
        found.processor_s += time.process_time() - began
        found.sound_s += spoken.duration_s
        refused = bool(hearing.reasons)
        found.counts[one.kind, refused] += 1
        if refused != bool(one.kind):
            found.wrong.append((one, hearing))
            print(number, one.kind or "right", one.said, "|", hearing, file=sys.stderr, flush=True)  # noqa: T201
    return found


def section(name: str, found: Heard, *, load: float) -> str:
    """The section of a set on the page."""
    kinds = dict.fromkeys(kind for kind, _ in found.counts)
    rows = []
    for kind in kinds:
        refused, all_ = found.counts[kind, True], found.counts[kind, True] + found.counts[kind, False]
        rows.append(f"| {kind or 'right'} | {all_} | {refused} | {'none' if not kind else 'all'} |")
    clips = sum(found.counts.values())
    listed = "\n".join(
        f"- {one.kind or 'right'}: {one.said} *{hearing.heard}*"
        + "".join(f" ({reason.fault.value})" for reason in hearing.reasons)
        for one, hearing in found.wrong
    )
    told = f"Judged wrongly:\n\n{listed}" if listed else "All were judged rightly."
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return (
        f"{taken(COMMAND, load=load)}\n\nSet `{name}`: {clips} clips, {found.sound_s:.0f} s of sound. Hearing and "
        f"judging one took {found.processor_s / clips:.1f} s of processor time, "
        f"{found.processor_s / found.sound_s:.2f} s a second of\nsound; the process, voice included, had "
        f"{peak:.0f} MB.\n\n"
        "| spoken | clips | refused | wanted |\n|---|---|---|---|\n" + "\n".join(rows) + f"\n\n{told}"
    )


async def main(page: Path, names: Sequence[str]) -> None:
    """Hear sets, one after the other; each has its section at once."""
    models_dir = load_settings().models_dir.expanduser()
    for name in names:
        load = os.getloadavg()[0]
        with tempfile.TemporaryDirectory(prefix="hearing-") as place:
            found = await heard(name, Path(place), models_dir)
        put(page, f"hearing-{name}", section(name, found, load=load), command=COMMAND, title=TITLE)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:] or ["en", "en-fresh", MUSEUM]))
