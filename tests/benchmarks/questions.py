"""Questions at scale: milliseconds of each page on so many recorded turns, and the grouping of so many questions.

`python -m tests.benchmarks.questions docs/benchmarks/questions.md --turns 1000000 --questions 100000`. The turns are
made by a fixed law: few questions are asked often, most of them once. Vectors are made as well, around as many
meanings: what is measured is the grouping, not the encoder. A page is what the book and the log return, not its HTML.
"""

# ruff: noqa: T201 -- it is a command

import argparse
import asyncio
import json
import os
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
from sqlalchemy import make_url

from app.adapters.sql.engine import Database
from app.adapters.sql.migrate import migrate
from app.adapters.sql.questions.book import SqlQuestionBook
from app.adapters.sql.turn_log import SqlTurnLog
from app.learning.questions.grouping import grouped, packed, unpacked
from app.learning.questions.groups import GroupedQuestion
from app.learning.questions.identity import question_id
from app.learning.questions.query import QuestionQuery
from app.text import fold
from tests.benchmarks.page import put, quantile, taken
from tests.support.postgres import a_postgres

COMMAND, TITLE = "make bench-questions", "Questions at scale"
NOW = datetime(2026, 11, 30, tzinfo=UTC)
DAYS = 90
RUNS = 21
LOCALES = ("en", "de", "fr")
MEANINGS_EACH = 12
"""Questions a meaning, on average."""

OUTCOMES = (
    ("answered", "intent", 62),
    ("generated", "document", 9),
    ("generated", "model", 2),
    ("clarify", None, 11),
    ("missed", None, 12),
    ("failed", None, 2),
    ("cancelled", None, 2),
)
_RECEIPT = json.dumps({"stage": "embedding", "candidates": [{"intent": "i1", "score": 0.5, "phrase": "x" * 40}] * 5})


def rows(turns: int, questions: int) -> Iterator[tuple[object, ...]]:
    """Rows of the table of turns."""
    chance = random.Random(7)
    texts = [f"what about {number % 977} and the {number} of them" for number in range(questions)]
    known = [(fold(text), [question_id(locale, text) for locale in LOCALES]) for text in texts]
    kinds = [kind for kind in OUTCOMES for _ in range(kind[2])]
    for number in range(turns):
        which = min(questions - 1, int(questions * chance.random() ** 3))
        locale = chance.choices((0, 1, 2), (80, 15, 5))[0]
        outcome, by, _ = chance.choice(kinds)
        intent = f"i{which % 400}" if by == "intent" else None
        asked = NOW - timedelta(days=DAYS) * (1 - number / turns)
        yield (
            f"turn_{number:08d}",
            f"s{number // 4:07d}",
            asked.strftime("%Y-%m-%d %H:%M:%S.%f"),
            texts[which],
            known[which][0],
            LOCALES[locale],
            outcome,
            intent,
            None,
            _RECEIPT,
            12.5,
            chance.choices((None, "up", "down"), (94, 4, 2))[0],
            None,
            None,
            known[which][1][locale],
            "We are open from nine to five.",
            by,
            None,
            "[]",
            "i1" if outcome == "clarify" and chance.random() < 0.5 else None,
            None,
            f"release-{int(asked.timestamp()) // 864000 % 9}",
            f"topic{which % 12}",
            None if intent else f"i{which % 400}",
        )


_NAMES = """
id session asked_at question question_key locale outcome intent clip receipt latency_ms score comment chosen_for
question_id said answered_by document offered chosen stopped_after_s release topic nearest
"""
_COLUMNS = tuple(_NAMES.split())


def fill(file: Path, turns: int, questions: int) -> None:
    """Write the turns past the log, which would take an hour."""
    values = ", ".join("?" * len(_COLUMNS))
    insert = f"INSERT INTO turns ({', '.join(_COLUMNS)}) VALUES ({values})"  # noqa: S608 - our own names
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany(insert, rows(turns, questions))
    connection.close()


async def fill_postgres(url: str, turns: int, questions: int) -> None:
    """Write the same turns to PostgreSQL."""
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    zoned = (
        (*row[:2], datetime.fromisoformat(str(row[2])).replace(tzinfo=UTC), *row[3:]) for row in rows(turns, questions)
    )
    await connection.copy_records_to_table("turns", records=zoned, columns=_COLUMNS)
    await connection.execute("ANALYZE turns")
    await connection.close()


def vectors(questions: int) -> list[bytes]:
    """Vectors around meanings, of the shipped encoder's size."""
    chance = np.random.default_rng(7)
    centres = chance.normal(size=(max(1, questions // MEANINGS_EACH), 384)).astype(np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    found: list[bytes] = []
    for start in range(0, questions, 5000):
        count = min(5000, questions - start)
        noise = chance.normal(size=(count, 384)).astype(np.float32)
        noise /= np.linalg.norm(noise, axis=1, keepdims=True)
        some = centres[chance.integers(len(centres), size=count)] + chance.uniform(0.3, 1.2, (count, 1)) * noise
        some = some.astype(np.float32)
        found += packed(some / np.linalg.norm(some, axis=1, keepdims=True))
    return found


async def p95(job: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Median and 95th percentile of a job's milliseconds, after one run that warms caches."""
    await job()
    took = [await once(job) for _ in range(RUNS)]
    return quantile(took, 0.5), quantile(took, 0.95)


async def once(job: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds of a job."""
    began = time.perf_counter()
    await job()
    return 1000 * (time.perf_counter() - began)


WEEK: dict[str, Any] = {"since": NOW - timedelta(days=7)}

PAGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("newest", {}),
    ("newest, disliked", {"rating": "down"}),
    ("newest, missed in French", {"outcomes": ("missed",), "locale": "fr"}),
    ("newest, one intent", {"intent": "i7"}),
    ("newest, one topic and release", {"topic": "topic3", "release": "release-4"}),
    ("newest, two filters that seldom meet", {"intent": "i7", "rating": "down", "locale": "fr"}),
    ("newest, words", {"text": "about 976"}),
    ("newest, words nobody said", {"text": "zeppelin"}),
    ("newest, words everybody said", {"text": "about"}),
)

GROUPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("groups, most asked", {}),
    ("groups, newest", {"order": "newest"}),
    ("groups of a week", WEEK),
    ("groups, missed", {"outcomes": ("missed", "chips")}),
    ("groups of a week, missed, open", WEEK | {"outcomes": ("missed", "chips"), "state": "open"}),
    ("groups, disliked", {"rating": "down"}),
    ("groups, words", {"text": "about 976"}),
    ("groups, words everybody said", {"text": "about"}),
    ("groups, one topic in German", {"topic": "topic3", "locale": "de"}),
)


Line = tuple[str, str, float, float]
"""What, of what, median or the only time, and the 95th percentile, 0 for what is done once."""


async def grouping(book: SqlQuestionBook) -> list[Line]:
    """Lines about the grouping of all questions."""
    began = time.perf_counter()
    asked = await book.counted()
    counting = 1000 * (time.perf_counter() - began)
    stored = vectors(len(asked))
    cpu, began = time.process_time(), time.perf_counter()
    labels = grouped(unpacked(stored))
    took, cpu = 1000 * (time.perf_counter() - began), time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    leaders = [asked[at].id for at in labels]
    groups = [GroupedQuestion(*one) for one in zip(asked, leaders, stored, strict=True)]
    began = time.perf_counter()
    await book.regroup(groups, encoder="bench", at=NOW)
    said = f"{len(set(leaders))} groups; {cpu:.0f} s of processor, peak {peak:.0f} MB"
    return [
        ("counting all questions", f"{len(asked)} questions", counting, 0.0),
        ("grouping them", said, took, 0.0),
        ("storing the groups", "", 1000 * (time.perf_counter() - began), 0.0),
    ]


def told(lines: list[Line]) -> list[Line]:
    """The lines, which whoever waits sees at once."""
    for line in lines:
        print(*line, file=sys.stderr, flush=True)
    return lines


async def measured(url: str) -> list[Line]:
    """All lines of the table, of one database."""
    database = Database(url)
    log, book = SqlTurnLog(database), SqlQuestionBook(database)
    making = await once(partial(book.totals, QuestionQuery()))
    lines = told([("making the columns, once", "", making, 0.0), *await grouping(book)])
    first = (await book.groups(QuestionQuery(order="most"), visitors=2)).items[0].id
    jobs: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        *((name, partial(log.questions, QuestionQuery(**query))) for name, query in PAGES),
        *(
            (name, partial(book.groups, QuestionQuery(**{"order": "most"} | query), visitors=2))
            for name, query in GROUPS
        ),
        ("the largest group", partial(book.group, first)),
        ("its wordings", partial(book.members, first)),
        ("one visit", partial(log.transcript, "s0000001")),
        ("totals of a week", partial(book.totals, QuestionQuery(**WEEK))),
    ]
    for name, job in jobs:
        lines += told([(name, "", *await p95(job))])
    await database.close()
    again = Database(url)  # as after a start, and for the command line
    cold = partial(SqlQuestionBook(again).groups, QuestionQuery(order="most"), visitors=2)
    lines.append(("groups, first page after a start", "", await once(cold), 0.0))
    await again.close()
    return lines


def table(found: Mapping[str, Sequence[Line]]) -> str:
    """The lines of each engine side by side."""
    names = [line[:2] for line in next(iter(found.values()))]
    heads = "".join(f" {engine}, median | p95 |" for engine in found)
    text = [f"| what | of what |{heads}", "|---|---|" + "---|---|" * len(found)]
    for at, (name, what) in enumerate(names):
        values = [lines[at][2:] for lines in found.values()]
        cells = [f" {middle:.0f} | {f'{high:.0f}' if high else 'once'} |" for middle, high in values]
        text.append(f"| {name} | {what} |{''.join(cells)}")
    return "\n".join(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--turns", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=100_000)
    parser.add_argument("--engine", action="append", choices=["SQLite", "PostgreSQL"], help="by default both")
    parser.add_argument("--file", type=Path, help="keep SQLite's database here, and use it if it is there")
    given = parser.parse_args(arguments)
    load, found = os.getloadavg()[0], {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for engine in given.engine or ["SQLite", "PostgreSQL"]:
            print(f"{engine} ...", file=sys.stderr, flush=True)
            if engine == "SQLite":
                file = given.file or folder / "turns.db"
                url, there = f"sqlite:///{file}", file.exists()
                asyncio.run(migrate(url))
                if not there:
                    fill(file, given.turns, given.questions)
            else:
                url = asyncio.run(stack.enter_context(a_postgres()).empty_database())
                asyncio.run(migrate(url))
                asyncio.run(fill_postgres(url, given.turns, given.questions))
            found[engine] = asyncio.run(measured(url))
    said = (
        f"{taken(COMMAND, load=load)}\n\nPages of {given.turns:,} recorded turns over {DAYS} days, in milliseconds "
        f"over {RUNS} runs. Encoding is apart: it takes some milliseconds a question, once.\n\n{table(found)}"
    )
    put(given.page, "questions", said, command=COMMAND, title=TITLE)


if __name__ == "__main__":
    main()
