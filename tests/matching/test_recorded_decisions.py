"""What commit 285606a decided is decided today: every tenth of the recorded questions, by `greenroom ask --batch`."""

import json
from statistics import median
from typing import Any

from app.adapters.catalog_files.loader import load_or_raise
from app.matching.normalise import normalise
from app.matching.prepared_catalog import reader_of
from app.matching.reading.machine_talk import machine_talk
from app.matching.reading.reader import QuestionReader, names_in
from tests.compare.decisions import read, write_catalog_of_any_day
from tests.compare.questions import COUNT, questions
from tests.support.sites import Site

SLICE = slice(None, None, 10)

MAY_DIFFER, MEDIAN_MAY_MOVE = 0.03, 0.02
"""Share of decisions, and median of probabilities, that may differ from the list, which another processor recorded.

Eight bits an activation make much of low digits: on one processor nothing differs, on another two of 190 decisions and
.002. `tests.compare` compares every digit of two checkouts on one processor.
"""

PLAY_SINCE = {
    "Is there no parking at the hotel?",
    "would you tell me if you are a human or are a computer",
    "not my phone has no signal, is there wifi",
}
"""All of the 2,000 that play now: a negation in a question of fact, or in a mere premise, stops nothing any more."""


def test_every_tenth_question_is_decided_as_it_was(tmp_path):
    recorded = read()[SLICE]
    write_catalog_of_any_day(tmp_path)
    (tmp_path / "asked.jsonl").write_text("".join(json.dumps({"text": row[0]}) + "\n" for row in recorded))

    ran = Site(tmp_path).run("ask", "--batch", str(tmp_path / "asked.jsonl"), "--json")

    assert ran.returncode == 0, ran.stderr
    decided = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(decided) == len(recorded) == COUNT // 10
    reader = reader_of(load_or_raise(tmp_path / "intents"))
    same = [(one, row) for one, row in zip(decided, recorded, strict=True) if _asks_the_same(reader, row[0])]
    assert len(same) >= 0.9 * len(recorded)
    differing = [(one, row) for one, row in same if _decided(one) != (_told(row[2]), row[3], row[4])]
    assert len(differing) <= MAY_DIFFER * len(same), differing
    assert [row for one, row in differing if one["outcome"] == row[2] == "answer"] == [], "another clip plays"
    assert median(abs(one["probability"] - row[6]) for one, row in same) <= MEDIAN_MAY_MOVE


def _decided(one: dict[str, Any]) -> tuple[str, str | None, str]:
    return _told(one["outcome"]), one["intent"], one["stage"]


def _asks_the_same(reader: QuestionReader, text: str) -> bool:
    """Slips are mended since, and chat forms spelled out: such a question is another one to what comes after.

    Orders to the machine are heard before their meaning is looked at.
    """
    typed = normalise(text)
    if text in PLAY_SINCE:
        return False
    return machine_talk(typed) is None and reader.read(typed, locale="en", names=names_in(text, "en")).text == typed


def _told(outcome: str) -> str:
    """A question that plays nothing may get chips or none: they have a threshold of their own since."""
    return "nothing plays" if outcome in {"clarify", "miss"} else outcome


def test_the_list_of_questions_is_the_recorded_one(repository):
    """Where the sample catalog was changed on purpose: `python -m tests.compare.decisions CHECKOUT` records anew."""
    assert [list(one) for one in questions(repository)] == [row[:2] for row in read()]
