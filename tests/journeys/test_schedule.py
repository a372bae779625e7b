"""Two real nodes on PostgreSQL and drafts with a time: one node publishes each, once, and both serve it."""

import asyncio
import json
import re
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from tests.journeys.test_releases import LIFT, published, served
from tests.support.catalogs import write_file
from tests.support.sites import Site


def told(log) -> list[str]:
    """Drafts that a node says it has published."""
    log.seek(0)
    lines = [line for line in log.read().splitlines() if "draft.published" in line]
    return [found[1] for line in lines if (found := re.search(r"draft\W+(round-\d)", line))]


def ask(site: Site, *arguments: str, **mine: str):
    ran = site.run(*arguments, "--json", **mine)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


def schedule(site: Site, number: int, *, in_s: float, **mine: str) -> datetime:
    """Change the folder, save it as a draft and give it a time."""
    asked = [*LIFT["phrases"]["en"], f"lift number {number}"]
    write_file(site.catalog / "visiting" / "lift.yaml", LIFT | {"phrases": {"en": asked}})
    ask(site, "release", "draft", f"round-{number}", "--message", f"Round {number}", **mine)
    at = datetime.now(UTC) + timedelta(seconds=in_s)
    draft = ask(site, "release", "publish", "--draft", f"round-{number}", "--at", at.isoformat(), **mine)["draft"]
    assert draft["state"] == "open"
    return at


async def test_each_scheduled_draft_is_published_once_by_one_node_and_served_by_both(warmed_site, tmp_path, postgres):
    site = warmed_site.copied(tmp_path / "site")
    mine = {"GREENROOM_DATABASE_URL": await postgres.empty_database(), "GREENROOM_SERVE": "release"}
    first = await asyncio.to_thread(published, site, mine)
    with ExitStack() as stack:
        logs = [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(2)]
        one = stack.enter_context(site.node(log=logs[0], **mine))
        with site.node(log=logs[1], **mine) as two:
            for number in (1, 2):
                await asyncio.to_thread(schedule, site, number, in_s=2, **mine)
                await asyncio.gather(served(one, f"{first + number}-"), served(two, f"{first + number}-"))
            third_at = await asyncio.to_thread(schedule, site, 3, in_s=6, **mine)
            two.kill()
        await served(one, f"{first + 3}-")
        by_node = [told(log) for log in logs]

    releases = await asyncio.to_thread(ask, site, "release", "list", **mine)
    acts = await asyncio.to_thread(ask, site, "audit", "list", "--action", "release.published", **mine)
    drafts = await asyncio.to_thread(ask, site, "release", "drafts", **mine)

    assert [(one["number"], one["note"]) for one in reversed(releases["releases"])] == [
        (first, ""),
        (first + 1, "Round 1"),
        (first + 2, "Round 2"),
        (first + 3, "Round 3"),
    ]
    assert releases["current"] == first + 3
    assert sorted(by_node[0] + by_node[1]) == ["round-1", "round-2", "round-3"], "each is told by one node, once"
    assert "round-3" in by_node[0], "the node that is left publishes it"
    assert len(acts["rows"]) == 4
    assert {one["name"]: (one["state"], one["release"], one["failure"]) for one in drafts["drafts"]} == {
        f"round-{number}": ("published", first + number, "") for number in (1, 2, 3)
    }
    newest = datetime.fromisoformat(releases["releases"][0]["published_at"])
    assert newest.astimezone(UTC) >= third_at, "not before its time"
