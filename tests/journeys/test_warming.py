"""Warming as an operator lives it: killed, doubled, changed."""

import json
import shutil
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.support.in_process import run_here
from tests.support.sites import Site


@pytest.fixture
def copy(warmed_site: Site, tmp_path: Path) -> Site:
    """The warmed site, to be changed."""
    shutil.copytree(warmed_site.root, tmp_path / "site")
    return Site(tmp_path / "site")


STALE = 5
"""Clips of `reworded` that are to be filmed: opening hours twice, tickets, dogs, greeting; five more are there."""


@pytest.fixture
def reworded(warmed_site: Site, tmp_path: Path) -> Site:
    """The warmed site with half of its clips to be filmed again, and no database yet."""
    site = warmed_site.copied(tmp_path / "reworded")
    change(site, "facts.yaml", "from ten to six", "from nine to five")
    change(site, "facts.yaml", "twelve euros", "ten euros")
    change(site, "visiting/dogs.yaml", "All other dogs", "Other dogs")
    change(site, "roles/greeting.yaml", "Hello and welcome", "Hello")
    return site


def document(site: Site, *command: str) -> dict:
    return json.loads(run_here(site, *command, "--json").stdout.splitlines()[-1])


def renders(site: Site, state: str) -> Counter[str]:
    """How many renders in this state a recipe has."""
    found = document(site, "renders", "--limit", "1000")["renders"]
    return Counter(render["recipe_key"] for render in found if render["state"] == state)


def begin(site: Site) -> subprocess.Popen[str]:
    return subprocess.Popen(
        site.command("warm", "--json"),
        env=site.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def until(process: subprocess.Popen[str], event: str) -> None:
    assert process.stdout
    line = process.stdout.readline()
    while f'"type": "{event}"' not in line:
        assert line, process.stderr.read() if process.stderr else ""
        line = process.stdout.readline()


def change(site: Site, file: str, old: str, new: str) -> None:
    path = site.catalog / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def stale(site: Site) -> dict[str, set[str]]:
    """Which intents the plan calls stale, and the fields that it says have changed."""
    plan = document(site, "plan")
    assert not plan["new"]
    return {
        line["intent"]: {change["field"] for change in item["changes"]}
        for item in plan["stale"]
        for line in item["lines"]
    }


@pytest.mark.long
def test_a_killed_warm_up_is_carried_on_without_filming_twice(reworded):
    site = reworded
    process = begin(site)
    until(process, "clip.finished")

    process.send_signal(signal.SIGKILL)
    process.communicate()
    again = document(site, "warm")

    assert again["ended"] == "finished"
    assert again["clips_failed"] == 0
    assert again["clips_unchanged"] >= 10 - STALE + 1
    assert sorted(renders(site, "ready").values()) == [1] * STALE
    verified = run_here(site, "store", "verify", "--json")
    assert verified.returncode == 0, verified.stdout
    assert document(site, "plan")["has_work"] is False


@pytest.mark.long
def test_two_warm_ups_at_once_film_every_recipe_once(reworded):
    site = reworded

    both = [begin(site), begin(site)]
    told = [process.communicate(timeout=200) for process in both]

    assert [process.returncode for process in both] == [0, 0], told
    assert sorted(renders(site, "ready").values()) == [1] * STALE
    attempts = {r["attempts"] for r in document(site, "renders", "--limit", "1000")["renders"]}
    assert attempts == {1}
    assert run_here(site, "store", "verify").returncode == 0


def test_a_changed_fact_makes_the_clips_that_say_it_stale(copy):
    change(copy, "facts.yaml", "from ten to six", "from nine to five")

    assert stale(copy) == {"opening-hours": {"text"}}


def test_a_changed_word_makes_its_clip_stale(copy):
    change(copy, "visiting/dogs.yaml", "All other dogs", "Other dogs")

    assert stale(copy) == {"dogs": {"text"}}


def test_another_speed_of_the_voice_makes_what_is_spoken_stale(copy):
    path = copy.catalog / "avatars" / "mira.yaml"
    path.write_text(path.read_text() + "voice: {speech: local, speed: 1.1}\n")

    found = stale(copy)

    assert "idle" not in found
    assert len(found) == 8
    assert all("speed" in " ".join(fields) for fields in found.values())


def test_another_portrait_makes_everything_stale(copy):
    portrait = copy.catalog / "avatars" / "mira.png"
    portrait.write_bytes(portrait.read_bytes() + b"\0")

    found = stale(copy)

    assert len(found) == 9
    assert all("portrait" in " ".join(fields) for fields in found.values())


def test_what_was_changed_back_is_there_again(copy):
    change(copy, "visiting/dogs.yaml", "All other dogs", "Other dogs")
    assert document(copy, "plan")["has_work"]

    change(copy, "visiting/dogs.yaml", "Other dogs", "All other dogs")

    assert document(copy, "plan")["has_work"] is False


def test_the_same_words_in_two_intents_are_one_clip(copy):
    dogs = yaml.safe_load((copy.catalog / "visiting" / "dogs.yaml").read_text())
    pets = {**dogs, "title": "Cats", "phrases": {"en": ["Can my cat come in?", "Is there room for a hamster?"]}}
    (copy.catalog / "visiting" / "cats.yaml").write_text(yaml.safe_dump(pets))

    plan = document(copy, "plan")

    assert plan["has_work"] is False
    assert plan["counts"]["unchanged"] == 15, "five loops among them"
