"""Two authors publish: nobody's work is taken back without a word, whatever became of the folder in between."""

import shutil
from pathlib import Path

import pytest

from app.adapters.catalog_files.folder_base import BASE_FILE
from tests.cli.conftest import Greenroom
from tests.support.sites import Site

STALE = 9
HOURS, DOGS, FACTS = "visiting/opening-hours.yaml", "visiting/dogs.yaml", "facts.yaml"


@pytest.fixture
def site(warmed_site: Site, tmp_path: Path) -> Site:
    return warmed_site.copied(tmp_path / "site")


@pytest.fixture
def of(greenroom: Greenroom, site: Site):
    """Command of an author: the same site, with a folder of their own."""

    def run(folder: Path, *arguments: str):
        return greenroom(*arguments, "--allow-missing", site=Desk(site.root, folder))

    def plain(folder: Path, *arguments: str):
        return greenroom(*arguments, site=Desk(site.root, folder))

    run.plain = plain
    return run


class Desk(Site):
    """One author's folder on the site."""

    def __init__(self, root: Path, folder: Path) -> None:
        super().__init__(root)
        object.__setattr__(self, "folder", folder)

    @property
    def catalog(self) -> Path:
        return self.folder


def change(folder: Path, file: str, before: str, after: str) -> None:
    text = (folder / file).read_text()
    assert before in text
    (folder / file).write_text(text.replace(before, after))


@pytest.fixture
def authors(site: Site, of, tmp_path: Path):
    """Release 1, and two copies of its folder."""
    assert of(site.catalog, "release", "publish").code == 0
    a, b = tmp_path / "a", tmp_path / "b"
    for folder in (a, b):
        shutil.copytree(site.catalog, folder)
    return a, b


def a_and_b_change(of, a: Path, b: Path) -> None:
    change(a, FACTS, "from ten to six", "from eight to six")
    assert of(a, "release", "publish", "--by", "Ada", "-m", "Longer hours").code == 0
    change(b, FACTS, "twelve euros", "thirteen euros")


@pytest.mark.parametrize(
    "remembers",
    [pytest.param(True, id="with the note"), pytest.param(False, id="without it", marks=pytest.mark.long)],
)
def test_the_second_author_is_told_merges_and_nothing_is_lost(of, authors, remembers):
    a, b = authors
    if not remembers:
        for folder in authors:
            (folder / BASE_FILE).unlink()
    a_and_b_change(of, a, b)

    refused = of(b, "release", "publish", "--json")
    listed = of.plain(b, "release", "list", "--json").document
    merged = of(b, "release", "publish", "--merge", "--json")
    facts = (b / FACTS).read_text()

    assert (refused.code, refused.document["error"]["code"]) == (STALE, "release_stale")
    assert "Release 2 came meanwhile (by Ada (" in refused.document["error"]["message"]
    found = refused.document["standing"]
    assert (found["base"], found["current"], found["conflicts"]) == (1, 2, [])
    assert found["came"] == [{"path": FACTS, "kind": "changed"}]
    assert found["source"] == ("remembered" if remembers else "found")
    assert [(one["number"], one["note"]) for one in listed["releases"]] == [(2, "Longer hours"), (1, "")]
    assert (merged.code, merged.document["release"]["number"], merged.document["merged"]) == (0, 3, [FACTS])
    assert "eight to six" in facts
    assert "thirteen" in facts
    assert of(b, "release", "publish", "--json").document["release"]["number"] == 3, "and goes on from there"


def test_what_collides_is_shown_with_both_versions_until_somebody_decides(of, authors):
    a, b = authors
    a_and_b_change(of, a, b)
    change(b, FACTS, "from ten to six", "from nine to six")

    refused = of(b, "release", "publish", "--merge")
    untouched = (b / FACTS).read_text()
    decided = of(b, "release", "publish", "--merge", "--prefer", "mine", "--json")

    assert refused.code == STALE
    assert "! facts.yaml, opening_hours" in refused.out
    assert all(words in refused.out for words in ("from ten to six", "from eight to six", "from nine to six"))
    assert "eight" not in untouched
    assert decided.code == 0
    assert "nine to six" in (b / FACTS).read_text()


def test_a_folder_that_has_everything_already_needs_no_merge(of, authors):
    """As after `git pull`: the files came by another way than the note."""
    a, b = authors
    a_and_b_change(of, a, b)
    change(b, FACTS, "from ten to six", "from eight to six")

    assert of(b, "release", "publish", "--json").document["release"]["number"] == 3


@pytest.mark.long
def test_a_git_checkout_of_before_is_not_believed_its_newer_note(of, authors):
    a, b = authors
    a_and_b_change(of, a, b)
    shutil.copy(a / BASE_FILE, b / BASE_FILE)  # the note says release 2, the files are those of release 1

    refused = of(b, "release", "publish", "--json")

    assert refused.code == STALE
    assert (refused.document["standing"]["base"], refused.document["standing"]["source"]) == (1, "found")
    assert of(b, "release", "publish", "--base", "2", "--json").document["release"]["number"] == 3


@pytest.mark.long
def test_a_release_that_was_taken_back_is_not_brought_again(of, authors):
    a, b = authors
    a_and_b_change(of, a, b)
    of.plain(a, "release", "use", "1")
    change(a, DOGS, "Guide dogs", "All guide dogs")

    refused = of(a, "release", "publish", "--json")
    replaced = of(a, "release", "publish", "--base", "current", "--json")

    assert refused.code == STALE
    assert refused.document["standing"]["current"] == 1
    assert replaced.code == 0


@pytest.mark.long
def test_a_folder_like_no_release_replaces_nothing_by_accident(of, site, authors, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(site.catalog, other)
    (other / BASE_FILE).unlink()
    for path in [*sorted(other.rglob("*.md")), other / "tests.yaml", *sorted((other / "visiting").glob("*.yaml"))]:
        path.unlink()

    refused = of(other, "release", "publish", "--json")

    assert refused.code == STALE
    assert (refused.document["standing"]["base"], refused.document["standing"]["source"]) == (None, "none")
    assert of.plain(other, "release", "merge", "--dry-run").out.startswith("Made from none of the releases")


def test_a_checked_out_release_remembers_what_it_is(of, site, authors, tmp_path):
    a, b = authors
    a_and_b_change(of, a, b)

    done = of.plain(site.catalog, "release", "checkout", "1", str(tmp_path / "old"), "--json")
    again = of.plain(site.catalog, "release", "checkout", "1", str(tmp_path / "old"))
    shown = of.plain(tmp_path / "old", "release", "merge", "--dry-run", "--json").document
    merged = of.plain(tmp_path / "old", "release", "merge")

    assert done.document["release"]["number"] == 1
    assert again.code == 1
    assert "new or empty folder" in again.err
    assert (shown["base"], shown["source"], shown["stale"]) == (1, "remembered", True)
    assert "Merged into the folder: facts.yaml" in merged.out
    assert (tmp_path / "old" / FACTS).read_text() == (a / FACTS).read_text()


def test_a_checked_out_draft_is_edited_and_saved_and_stays_its_folders_own(of, authors, tmp_path):
    a, _ = authors
    change(a, FACTS, "from ten to six", "from eight to six")
    assert of(a, "release", "draft", "winter", "--json").code == 0
    assert of(a, "release", "draft", "2026", "--json").code == 0
    desk = tmp_path / "desk"

    done = of.plain(a, "release", "checkout", "winter", str(desk), "--json").document
    by_number = of.plain(a, "release", "checkout", "2026", str(tmp_path / "numbered"))
    unknown = of.plain(a, "release", "checkout", "7", str(tmp_path / "none"))
    taken = of.plain(a, "release", "checkout", "winter", str(desk))
    assert of.plain(a, "release", "publish", "--draft", "winter").code == 0
    change(desk, FACTS, "twelve euros", "thirteen euros")
    standing = of.plain(desk, "release", "merge", "--dry-run", "--json").document

    assert (done["draft"]["name"], done["draft"]["base"]) == ("winter", 1)
    assert "from eight to six" in (desk / FACTS).read_text()
    assert "Draft 2026, revision 1, is in" in by_number.out
    assert (unknown.code, "got 7" in unknown.err) == (1, True)
    assert (taken.code, "new or empty folder" in taken.err) == (1, True)
    assert (standing["base"], standing["source"], standing["stale"]) == (2, "remembered", False)


def test_what_check_calls_an_error_is_not_published(of, site):
    change(site.catalog, "catalog.yaml", "default_locale: en", "default_locale: en\nlocales: [en, de]")
    ran = of(site.catalog, "release", "publish", "--json")

    assert (ran.code, ran.document["error"]["code"]) == (1, "catalog_invalid")
    assert "speech-locale" in ran.document["error"]["message"]
    assert of.plain(site.catalog, "release", "list", "--json").document["releases"] == []


@pytest.mark.long
def test_two_changes_of_one_value_collide_even_if_no_note_says_from_where(of, authors):
    a, b = authors
    change(a, FACTS, "from ten to six", "from eight to six")
    assert of(a, "release", "publish").code == 0
    change(b, FACTS, "from ten to six", "from nine to six")
    (b / BASE_FILE).unlink()

    refused = of(b, "release", "publish", "--json")

    assert refused.code == STALE
    assert [one["key"] for one in refused.document["standing"]["conflicts"]] == ["opening_hours"]


def test_the_log_says_who_and_why(of, authors):
    a, b = authors
    a_and_b_change(of, a, b)
    of(b, "release", "publish", "--merge", "--by", "Bob")

    rows = of.plain(b, "audit", "list", "--action", "release", "--json").document["rows"]

    told = [
        (one["act"]["action"], one["act"]["actor"].split(" (")[0], one["act"]["details"].get("note")) for one in rows
    ]
    assert told[:3] == [
        ("release.published", "Bob", ""),
        ("release.merged", "Bob", None),
        ("release.published", "Ada", "Longer hours"),
    ]
