"""A served site whose answers changed: what visitors get until the new clips are rendered, as the authors chose."""

from pathlib import Path

import pytest

from tests.support.chat_client import ChatClient
from tests.support.sites import Site


def reworded(site: Site, file: str, before: str, after: str, choice: str = "") -> None:
    path: Path = site.catalog / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after) + (f"meanwhile: {choice}\n" if choice else ""))


def clip_of(messages: list[dict]) -> tuple[str, str] | None:
    found = [one for one in messages if one["type"] == "response.clip" and one["role"] == "answer"]
    return (found[0]["source"], found[0]["text"]) if found else None


@pytest.fixture
def changed(warmed_site: Site, tmp_path: Path) -> Site:
    """Three answers whose clips are stale: one as the run says, one that is words, one that is pulled."""
    site = warmed_site.copied(tmp_path / "site")
    reworded(site, "catalog.yaml", "fallback:\n", "fallback:\n  generate: false\n")
    reworded(site, "visiting/dogs.yaml", "Guide dogs are welcome.", "All guide dogs are welcome.")
    reworded(site, "facts.yaml", "from ten to six", "from nine to six")
    reworded(site, "facts.yaml", "twelve euros", "thirteen euros")
    reworded(site, "visiting/opening-hours.yaml", "title: Opening hours\n", "title: Opening hours\n", "text")
    reworded(site, "visiting/tickets.yaml", "title: Ticket prices\n", "title: Ticket prices\n", "pull")
    return site


def test_forecast_and_plan_say_what_plays_meanwhile(changed):
    told = changed.run("forecast", "--intents", "--meanwhile", "keep").stdout
    planned = changed.run("plan", "--meanwhile", "keep").stdout

    assert [line.split()[:2] for line in told.splitlines() if "→" in line] == [
        ["→", "keep"],
        ["→", "text"],
        ["→", "pull"],
    ], told
    assert "“Guide dogs are welcome." in told
    for choice in ("1 stale: the clip of before plays on (keep)", "(text)", "(pull)"):
        assert choice in planned, planned


async def test_visitors_get_the_old_clip_the_words_or_nothing_of_it_until_it_is_rendered(changed):
    with changed.node(GREENROOM_MEANWHILE="keep") as node:
        async with ChatClient(node.address) as chat:
            dogs = await chat.ask("Can I bring my dog?")
            hours = await chat.ask("When are you open?")
            tickets = await chat.ask("How much is a ticket?")
        warmed = changed.run("warm", "--yes")
        async with ChatClient(node.address) as chat:
            again = await chat.ask("Can I bring my dog?")

    source, words = clip_of(dogs) or ("", "")
    assert (source, words.split(".")[0]) == ("cache", "Guide dogs are welcome")
    assert clip_of(hours) is None
    assert "from nine to six" in next(one["text"] for one in hours if one["type"] == "response.text.done")
    assert not {"twelve", "thirteen"} & set(str(tickets).split())
    assert tickets[-1]["outcome"] != "answered"
    assert warmed.returncode == 0, warmed.stdout + warmed.stderr
    assert (clip_of(again) or ("", ""))[1].startswith("All guide dogs are welcome.")
