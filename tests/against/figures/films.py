"""Films of the local renderer: an answer spoken by the drawn presenter, and by a photo."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.adapters.local import audio
from app.adapters.local.speech import Voice, speak
from tests.against.checkout import Version
from tests.against.figure import Figure, Row, Turn

TEXT = (
    "Adults pay twelve euros, and a family ticket is twenty-eight euros. "
    "The special exhibition is included, and children under six come in free."
)
SCRIPT = Path(__file__).parents[1] / "film_clip.py"
PORTRAIT = Path("intents/avatars/mira.png")
MODELS = {"drawn": "presenter", "photo": "photo"}


@contextmanager
def opened(version: Version) -> Iterator[Turn]:
    """The same spoken words for both versions."""
    said = speak(Voice(), TEXT)
    wav, phones, out = (version.kept / name for name in ("answer.wav", "answer.json", "answer.mp4"))
    wav.write_bytes(audio.wav_bytes(said.samples))
    phones.write_text(json.dumps([[one.text, one.start_s, one.end_s] for one in said.phones]))

    def turn() -> dict[str, float]:
        told = {}
        for name, model in MODELS.items():
            portrait, models = version.folder / PORTRAIT, version.kept / "models"
            cost = version.ran(SCRIPT, str(wav), str(phones), str(portrait), model, str(models), str(out))
            told[name] = 2 * cost["length_s"] / cost["spent_s"]
        return told

    yield turn


WHAT = "film of {}, 720x720, 30 a second, on two cores, opening included"
FIGURE = Figure(
    "films",
    {
        "drawn": Row("7", WHAT.format("the drawn presenter"), "x real time", "more", "3 x", 3.0, digits=2),
        "photo": Row("8", WHAT.format("a photo"), "x real time", "more", "2 x", 2.0, digits=2),
    },
    opened,
)
