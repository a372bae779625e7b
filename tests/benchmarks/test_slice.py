"""The benchmarks of chat and scale on tiny crowds: that they run and count right, not how fast they are."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.simulators.signing import Keys
from tests.benchmarks import visitors
from tests.benchmarks.chat import run as chat
from tests.benchmarks.scale import catalogs, crowds, nodes
from tests.support.in_process import run_here
from tests.support.sites import Node, Site

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class ServedSite(Site):
    """A site whose one server is up already: each start of another one costs ten seconds of processor time."""

    up: list[Node] = field(default_factory=list)

    @contextmanager
    def node(self, **_: Any) -> Iterator[Node]:
        yield self.up[0]

    def run(self, *arguments: str, **_: Any) -> Any:
        return run_here(self, *arguments)


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch):
    monkeypatch.setattr(visitors, "WRITTEN_S", 0.05)


KEYS = Keys()


@pytest.fixture(scope="module")
def served(warmed_site, tmp_path_factory) -> Iterator[ServedSite]:
    site = warmed_site.copied(tmp_path_factory.mktemp("slice") / "site")
    with crowds.served(site, SYNC_API_KEY="bench", SYNC_WEBHOOK_SECRET=KEYS.secret) as node:
        yield ServedSite(site.root, [node])


def cells(text: str) -> list[list[str]]:
    """The rows of a section's table, without its head."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1:]]


def test_the_chat_is_measured(served, tmp_path, monkeypatch):
    page = tmp_path / "chat.md"
    page.write_text("# Ours\n\nWords of people.\n")
    monkeypatch.setattr(chat, "small_site", lambda _: served)

    chat.main(page, (chat.Crowd(2, 3, 0.0),))

    text = page.read_text()
    assert text.startswith("# Ours\n\nWords of people.\n")
    assert [row[:5] for row in cells(text)] == [
        ["2", "6", row[2], kind, "100%"] for row, kind in zip(cells(text), ("as written", "other words"), strict=True)
    ]


def test_crowds_are_measured(served, monkeypatch):
    for name, value in {
        "EARLY": 5,
        "FEW": 10,
        "MANY": 20,
        "IDLE": 10,
        "HELD_S": 0.2,
        "SETTLED_S": 0.1,
        "SECONDS": 0.5,
        "STORM": 10,
        "STORM_S": 0.2,
    }.items():
        monkeypatch.setattr(crowds, name, value)

    idle, asked, storm = cells(crowds.idle(served)), cells(crowds.asked(served)), cells(crowds.storm(served))

    assert (idle[0][0], idle[0][-1]) == ("10", "0")
    assert [re.fullmatch(r"(\d+) of \1", row[1]) is not None for row in asked] == [True] * 4
    assert storm[0][:3] == ["10", "0 s", "0"]


def test_nodes_are_measured(served, monkeypatch):
    monkeypatch.setattr(nodes, "Keys", lambda: KEYS)
    monkeypatch.setattr(nodes, "WORDS", 20)
    monkeypatch.setattr(nodes, "CALLS", 5)

    push, webhooks = cells(nodes.push(served)), cells(nodes.webhooks(served))

    assert push[0][:3] == ["20", "500", "0"]
    assert webhooks[0][:2] == ["5", "5"]


def test_plans_are_measured(warmed_site, monkeypatch):
    monkeypatch.setattr(catalogs, "SIZES", (20,))

    assert cells(catalogs.plans(warmed_site))[0][0] == "20"
