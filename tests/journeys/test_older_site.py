"""A site that commit 285606a warmed, served and left: today's code goes on with it.

Its clips are the local renderer's, which draws otherwise now: they are filmed anew, free, and for no other reason.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.compare.older_site import ANSWERED, MISSED
from tests.journeys.probes import fetch, kinds, of
from tests.support.chat_client import ChatClient
from tests.support.in_process import run_here
from tests.support.older import database_of, left_just_now, older_site, rows_of, visit
from tests.support.sites import Site

Rows = dict[str, list[dict[str, Any]]]

CLIPS = 9
"""Two variants of one answer, one of another, six roles."""

LOOPS = 5
"""Silent loops that came since, free like the other clips of the local renderer."""

KEEP = {"GREENROOM_KEEP_TURNS_DAYS": "3650"}
"""The stored turns grow old; else a server would drop them after a month."""


@pytest.fixture
def older(tmp_path: Path) -> Site:
    return older_site(tmp_path / "site")


def document(site: Site, *command: str) -> Any:
    ran = run_here(site, *command, "--json", **KEEP)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def kept(before: Rows, after: Rows, name: str) -> list[dict[str, Any]]:
    """The rows of a table after a migration, by the columns that it had before."""
    columns = before[name][0].keys() if before[name] else ()
    return [{column: row[column] for column in columns} for row in after[name]]


# -- the store ---------------------------------------------------------------------------------------------------------


def test_clips_are_stale_for_the_renderer_s_new_version_alone_and_cost_nothing(older):
    ran = run_here(older, "plan", "--json", **KEEP)

    assert ran.returncode == 3, ran.stdout + ran.stderr
    plan = json.loads(ran.stdout.splitlines()[-1])
    assert plan["counts"] == {"new": LOOPS, "stale": CLIPS, "unchanged": 0, "refused": 0, "unreferenced": 0}
    assert {change["field"] for clip in plan["stale"] for change in clip["changes"]} == {"renderer_version"}
    assert all(clip["can_keep"] for clip in plan["stale"])
    assert (plan["price"], plan["generated"]) == ("0", 1)


@pytest.mark.parametrize("chosen", ["", "keep"])
def test_the_clips_of_before_play_on_for_they_say_the_same(tmp_path, chosen):
    site = older_site(tmp_path / "site")
    with site.node(GREENROOM_MEANWHILE=chosen, **KEEP) as node:
        messages = asyncio.run(_asked(node.address, "What are your opening hours?"))

    (clip,) = of(messages, "response.clip")
    assert clip["source"] == "cache"


async def _asked(address: str, question: str) -> list[dict[str, Any]]:
    async with ChatClient(address) as chat:
        return await chat.ask(question)


def test_warming_films_each_once_and_then_nothing(older):
    before = rows_of(database_of(older))

    warmed, again = document(older, "warm"), document(older, "warm")

    assert (warmed["ended"], warmed["clips_done"], warmed["clips_failed"], warmed["spent"]) == (
        "finished",
        CLIPS + LOOPS,
        0,
        "0",
    )
    assert (again["clips_done"], again["clips_unchanged"]) == (0, CLIPS + LOOPS)
    after = rows_of(database_of(older))
    there = {row["id"] for row in before["renders"]}
    kept_rows = [row for row in kept(before, after, "renders") if row["id"] in there]
    assert [*map(unscoped, kept_rows)] == [*map(unscoped, before["renders"])]


def test_every_blob_is_what_its_name_says(older):
    assert run_here(older, "store", "verify").returncode == 0


# -- the database ------------------------------------------------------------------------------------------------------


def test_the_database_is_brought_to_the_newest_schema_and_keeps_every_row(older, tmp_path):
    before = rows_of(database_of(older))
    fresh = Site(tmp_path / "fresh")
    fresh.root.mkdir()
    assert run_here(fresh, "renders").returncode == 0

    assert run_here(older, "renders").returncode == 0

    after = rows_of(database_of(older))
    assert after["alembic_version"] == rows_of(database_of(fresh))["alembic_version"]
    assert all(before[name] for name in ("renders", "render_records", "turns", "sessions", "releases", "audit"))
    for name in before.keys() - {"alembic_version"}:
        assert [unscoped(row) for row in kept(before, after, name)] == [unscoped(row) for row in before[name]], name
    asked = [row["scopes"] for row in before["renders"] if "session:" in row["scopes"]]
    assert asked
    assert not {row["scopes"] for row in after["renders"]} & set(asked), "who asked is known by a pseudonym now"


def unscoped(row: dict[str, Any]) -> dict[str, Any]:
    """The row without the session's name in its scopes: a pseudonym replaces it."""
    return {
        name: re.sub(r"session:[\w-]+", "session:", value) if name in {"scope", "scopes"} else value
        for name, value in row.items()
    }


def test_the_ledger_lists_and_tells_every_render(older):
    renders = document(older, "renders")["renders"]

    assert {render["state"] for render in renders} == {"ready"}
    assert len(renders) == CLIPS + 1
    (generated,) = [render for render in renders if render["labels"].get("generated")]
    story = document(older, "renders", "show", generated["id"])
    assert story["history"][-1]["state"] == "ready"


def test_the_audit_log_is_as_it_was_written(older):
    verdict = document(older, "audit", "verify")

    assert (verdict["bad"], verdict["rows"]) == (None, len(rows_of(database_of(older))["audit"]))
    acts = [row["act"] for row in document(older, "audit", "list")["rows"]]
    assert "release.published" in {act["action"] for act in acts}
    assert "keeper@" in " ".join(act["actor"] for act in acts)


def test_the_log_of_turns_can_be_read(older):
    misses = document(older, "misses")["misses"]
    told = document(older, "explain", visit()["answered"])
    in_words = run_here(older, "explain", visit()["answered"])

    assert (MISSED, 2) in [(miss["question"], miss["count"]) for miss in misses]
    assert (told["question"], told["outcome"], told["intent"]) == (ANSWERED, "answered", "opening-hours")
    assert (told["score"], told["comment"]) == ("up", "Clear.")
    assert "opening-hours" in in_words.stdout


def test_the_release_is_listed_and_can_be_published_again(older):
    (release,) = document(older, "release", "list")["releases"]
    document(older, "warm")
    again, once_more = (document(older, "release", "publish")["release"]["number"] for _ in range(2))

    assert release["number"] == 1
    assert again == 2, "its documents are read with their headings now"
    assert once_more == 2, "nothing has changed"


# -- visitors ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """A server of today on it, with the release that was published then."""
    site = older_site(tmp_path_factory.mktemp("older"))
    left_just_now(site)
    with site.node(GREENROOM_SERVE="release", **KEEP) as node:
        yield site, node.address


async def test_a_visitor_goes_on_where_the_older_server_stopped(served):
    _, address = served
    chat = ChatClient(address)
    chat.session = {name: visit()[name] for name in ("session", "resume_token")}
    chat._last_seq = visit()["last_seq"]

    resumed = await chat.connect()
    missed = await chat.receive_until("response.done")
    await chat.send("input.text", id="n1", text="What are your opening hours?")
    asked = await chat.receive_until("response.done")
    await chat.drop()

    assert resumed["type"] == "session.resumed"
    assert missed[-1]["turn"] == visit()["waiting"]
    assert [message["seq"] for message in missed] == list(range(visit()["last_seq"] + 1, missed[-1]["seq"] + 1))
    assert "response.clip" in kinds(missed)
    assert asked[-1]["outcome"] == "answered"
    for message in (*of(missed, "response.clip"), *of(asked, "response.clip")):
        status, _, body = await asyncio.to_thread(fetch, address + message["clip"]["url"])
        assert (status, sha256(body).hexdigest()) == (200, message["clip"]["digest"])


async def test_every_clip_is_served_as_it_was_filmed(served):
    site, address = served
    _, _, ready = await asyncio.to_thread(fetch, f"{address}/readyz")
    _, _, listed = await asyncio.to_thread(fetch, f"{address}/v1/catalog")
    entries = [json.loads(path.read_text()) for path in (site.cache / "v1" / "recipes").rglob("*.json")]
    parts = [
        (entry["blobs"][part], ending)
        for entry in entries
        if entry["kind"] == "clip"
        for part, ending in (("video", "mp4"), ("poster", "jpg"), ("captions", "vtt"))
        if part in entry["blobs"]
    ]
    got = [await asyncio.to_thread(fetch, f"{address}/clips/{digest}.{ending}") for digest, ending in parts]
    _, _, turn = await asyncio.to_thread(fetch, f"{address}/v1/turns/{visit()['generated']}")

    assert json.loads(ready)["release"].startswith("1-")
    assert all(intent["clips_wanted"] for intent in json.loads(listed)["intents"])
    assert len(parts) > 2 * CLIPS
    assert [(status, sha256(body).hexdigest()) for status, _, body in got] == [(200, digest) for digest, _ in parts]
    assert json.loads(turn)["outcome"] == "generated"
