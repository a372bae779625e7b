"""The benchmarks of chat and scale on tiny crowds: that they run and count right, not how fast they are."""

import re

import pytest

from tests.benchmarks import visitors
from tests.benchmarks.chat import run as chat
from tests.benchmarks.scale import catalogs, crowds, nodes
from tests.support.sites import Site


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch):
    monkeypatch.setattr(visitors, "WRITTEN_S", 0.05)


@pytest.fixture
def site(warmed_site, tmp_path) -> Site:
    return warmed_site.copied(tmp_path / "site")


def cells(text: str) -> list[list[str]]:
    """The rows of a section's table, without its head."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1:]]


def test_the_chat_is_measured(site, tmp_path, monkeypatch):
    page = tmp_path / "chat.md"
    page.write_text("# Ours\n\nWords of people.\n")
    monkeypatch.setattr(chat, "small_site", lambda _: site)

    chat.main(page, (chat.Crowd(2, 3, 0.0),))

    text = page.read_text()
    assert text.startswith("# Ours\n\nWords of people.\n")
    assert [row[:5] for row in cells(text)] == [
        ["2", "6", row[2], kind, "100%"] for row, kind in zip(cells(text), ("as written", "other words"), strict=True)
    ]


def test_crowds_are_measured(site, monkeypatch):
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

    idle, asked, storm = cells(crowds.idle(site)), cells(crowds.asked(site)), cells(crowds.storm(site))

    assert (idle[0][0], idle[0][-1]) == ("10", "0")
    assert [re.fullmatch(r"(\d+) of \1", row[1]) is not None for row in asked] == [True] * 4
    assert storm[0][:3] == ["10", "0 s", "0"]


def test_nodes_are_measured(site, monkeypatch):
    monkeypatch.setattr(nodes, "WORDS", 20)
    monkeypatch.setattr(nodes, "CALLS", 5)

    push, webhooks = cells(nodes.push(site)), cells(nodes.webhooks(site))

    assert push[0][:3] == ["20", "500", "0"]
    assert webhooks[0][:2] == ["5", "5"]


def test_plans_are_measured(site, monkeypatch):
    monkeypatch.setattr(catalogs, "SIZES", (20,))

    assert cells(catalogs.plans(site))[0][0] == "20"
