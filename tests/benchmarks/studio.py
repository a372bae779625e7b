"""Studio at scale: milliseconds of each page with so many intents and so many recorded turns.

`python -m tests.benchmarks.studio docs/benchmarks/studio.md --intents 10000 --turns 1000000`. The site is real: its
catalog is files, its questions are in SQLite, its plan is worked out. Only the matcher and the sessions of visitors
are stand-ins: no page waits for them.
"""

# ruff: noqa: T201 -- it is a command

import argparse
import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from httpx import ASGITransport, AsyncClient

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.adapters.sql.migrate import migrate
from app.adapters.sql.questions.book import SqlQuestionBook
from app.adapters.sql.tallies import SqlTallies
from app.adapters.sql.turn_log import SqlTurnLog
from app.learning.questions.query import QuestionQuery
from app.learning.questions.questions import Questions
from app.runtime.settings.api_keys import KeyRole, new_key
from app.runtime.settings.site import Settings, WebSettings
from app.runtime.wiring.site import Site as OpenedSite
from app.runtime.wiring.site import open_site
from app.web.app import create_app
from tests.benchmarks.page import put, quantile, taken
from tests.benchmarks.questions import NOW, fill, grouping
from tests.benchmarks.scale.catalogs import write
from tests.support.fake_web import FakeContainer
from tests.support.session_world import all_clips
from tests.support.sites import small_site

COMMAND, TITLE = "make bench-studio", "The Studio at scale"
RUNS = 21
MOST_MS = 300
"""What the issue wants of the 95th percentile."""

PAGES = (
    "",
    "intents",
    "intents?at=5000",
    "intents?q=hall+7",
    "intents?topic=t0&show=unfilmed",
    "intents/place-7",
    "intents/place-7/edit?field=answer",
    "facts",
    "questions",
    "questions?days=all",
    "questions?days=all&outcome=unhelped&state=open",
    "questions?days=all&text=about+976",
    "questions?view=asked",
    "questions?view=asked&days=all&text=zeppelin",
    "questions?view=asked&rating=down&locale=fr",
    "questions/groups/{group}",
    "questions/visits/s0000001",
    "try",
    "plan",
    "releases",
    "avatars",
    "settings",
    "settings/audit",
)


class Clock:
    """Time of day of the recorded turns, and real seconds."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def now(self) -> datetime:
        """When the last turn was asked."""
        return NOW


def container_of(site: OpenedSite, key: object) -> FakeContainer:
    """What the pages read, of a real site."""
    clock = Clock()
    container = FakeContainer(catalog=site.catalog, clips=all_clips(site.catalog))
    container.clock = clock  # type: ignore[assignment]
    container.web = WebSettings(secret="a secret for a benchmark", environment="production", keys=(key,))  # type: ignore[arg-type]
    container.site = site  # type: ignore[assignment]
    container.tallies = SqlTallies(site.database)  # type: ignore[attr-defined]
    container.questions = Questions(
        book=SqlQuestionBook(site.database),
        turns=SqlTurnLog(site.database),
        encoder=HashingEncoder,
        now=clock.now,
    )
    return container


@asynccontextmanager
async def signed_in(site: OpenedSite) -> AsyncIterator[AsyncClient]:
    """An operator's browser at the Studio of this site."""
    given, kept = new_key("bench", KeyRole.OPERATOR)
    app = create_app(container_of(site, kept))
    async with AsyncClient(transport=ASGITransport(app), base_url="https://desk.localhost", timeout=300) as client:
        form = (await client.get("/studio/sign-in")).text
        token = re.search(r'name="csrf" value="([^"]+)"', form)
        assert token, form
        await client.post("/studio/sign-in", data={"csrf": token[1], "key": given})
        yield client


async def measured(settings: Settings) -> dict[str, tuple[float, float, int]]:
    """Median, 95th percentile and bytes of each page."""
    async with open_site(settings) as site:
        book = SqlQuestionBook(site.database)
        if await book.grouped_at() is None:
            await grouping(book)
        group = (await book.groups(QuestionQuery(order="most"), visitors=2)).items[0].id
        async with signed_in(site) as client:
            for place in PAGES[:1] * 2:  # figures are counted for the first reader
                await client.get(f"/studio/{place}")
            began = time.monotonic()
            while "is being counted" in (await client.get("/studio/plan")).text:  # noqa: ASYNC110 -- the page tells
                await asyncio.sleep(1)
            print(f"the plan was counted in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            found = {}
            for place in PAGES:
                found[place] = await _page(client, place.format(group=group))
                print(place, *found[place], file=sys.stderr, flush=True)
    return found


async def _page(client: AsyncClient, place: str) -> tuple[float, float, int]:
    took, size = [], 0
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        answer = await client.get(f"/studio/{place}")
        took.append(1000 * (time.perf_counter() - began))
        assert answer.status_code == 200, (place, answer.status_code, answer.text[:500])
        size = len(answer.content)
    return quantile(took[1:], 0.5), quantile(took[1:], 0.95), size


def table(found: Mapping[str, tuple[float, float, int]]) -> str:
    """The pages' lines, and how many are within what is wanted."""
    lines = [
        f"| `/studio/{place}` | {middle:.0f} | {high:.0f} | {size / 1000:.0f} |"
        for place, (middle, high, size) in found.items()
    ]
    within = sum(high <= MOST_MS for _, high, _ in found.values())
    said = f"{within} of {len(found)} pages are within {MOST_MS} ms at the 95th percentile."
    return "| page | median | p95 | kB |\n|---|---|---|---|\n" + "\n".join(lines) + f"\n\n{said}"


def prepared(folder: Path, *, intents: int, turns: int, questions: int, file: Path | None = None) -> Settings:
    """Settings of a site with so much in it; `file`: a database that has the turns already, or is to keep them."""
    catalog, database = folder / "catalog", file or folder / "turns.db"
    catalog.mkdir()
    write(catalog, small_site(folder / "small"), intents)
    there, url = database.exists(), f"sqlite:///{database}"
    asyncio.run(migrate(url))
    if not there:
        fill(database, turns, questions)
    return Settings(catalog=catalog, cache=str(folder / "cache"), database_url=url)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--intents", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=100_000)
    parser.add_argument("--file", type=Path, help="keep the database here, and use it if it is there")
    given = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        print("making the site ...", file=sys.stderr, flush=True)
        settings = prepared(
            Path(folder), intents=given.intents, turns=given.turns, questions=given.questions, file=given.file
        )
        found = asyncio.run(measured(settings))
    said = (
        f"{taken(COMMAND, load=load)}\n\nPages with {given.intents:,} intents and {given.turns:,} recorded turns on "
        f"SQLite, one reader, in milliseconds over {RUNS} runs, after the plan was counted for the first time; no clip "
        "is stored, so every one is in it.\n\n"
        f"{table(found)}"
    )
    put(given.page, "studio", said, command=COMMAND, title=TITLE)


if __name__ == "__main__":
    main()
