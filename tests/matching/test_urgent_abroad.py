"""Need is heard in Spanish, French and Italian by the same grammar, and ordinary questions are not taken for it."""

import json
from pathlib import Path

import pytest

from app.matching.reading.gloss import clauses_in_english
from app.matching.urgent.hearing import clauses, hear

FOLDER = Path(__file__).parent / "data" / "transfer"
ROWS = [
    json.loads(line) for name in ("urgent", "urgent_2") for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()
]


def need_in(text: str, locale: str) -> str | None:
    """The kind of need that is heard in a text."""
    heard = hear(clauses(clauses_in_english(text, locale)))
    return heard.kind if heard else None


@pytest.mark.parametrize("locale", ["es", "fr", "it"])
def test_need_is_heard(locale):
    urgent = [row for row in ROWS if row["urgent"]]

    deaf = [row[locale] for row in urgent if need_in(row[locale], locale) is None]
    assert len(deaf) <= 2, deaf


@pytest.mark.parametrize("locale", ["es", "fr", "it"])
def test_ordinary_questions_are_not_taken_for_need(locale):
    ordinary = [row[locale] for row in ROWS if not row["urgent"]]

    taken = [text for text in ordinary if need_in(text, locale)]
    assert len(taken) <= 1, taken
