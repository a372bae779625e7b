"""What a page of a large catalog need not do again: nothing is counted or read anew while no file has changed."""

from pathlib import Path

import pytest

from app.adapters.catalog_files.edits import CatalogFolder
from app.adapters.catalog_files.tree import fingerprint, intent_at, reads, scan
from app.author_errors import EditRefusedError
from tests.support.catalogs import write_catalog

ANOTHER = "title: Hours\nphrases:\n  en: [When are you open?]\nanswer:\n  en: [We are open.]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"facts.yaml": "hours: ten to six\n", "visiting/hours.yaml": ANOTHER, "Visiting/else.yaml": ANOTHER}
    return write_catalog(tmp_path, files=files)


def test_one_file_is_known_without_a_look_at_all(folder):
    tree = scan(folder)
    known = {*tree.top, *tree.intents, *tree.avatars, *tree.knowledge}
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]

    assert {name for name in names if reads(folder, name)} == known
    assert not reads(folder, "../outside.yaml")
    assert not reads(folder, "visiting/.hidden.yaml")


def test_a_link_that_leaves_the_folder_is_not_read(folder, tmp_path):
    (tmp_path / "outside.yaml").write_text(ANOTHER)
    (folder / "visiting" / "linked.yaml").symlink_to(tmp_path / "outside.yaml")

    assert reads(folder, "visiting/linked.yaml") is (folder == tmp_path)
    assert CatalogFolder(folder).file_of("hours") == "visiting/hours.yaml"


def test_an_intent_in_two_topics_is_looked_for_in_all(folder):
    assert intent_at(folder, "hours") == "visiting/hours.yaml"
    (folder / "desk").mkdir()
    (folder / "desk" / "hours.yaml").write_text(ANOTHER)

    assert intent_at(folder, "hours") is None
    with pytest.raises(EditRefusedError, match="id of an intent"):
        CatalogFolder(folder).file_of("no-such-intent")


def test_a_fingerprint_changes_with_each_file(folder):
    before = fingerprint(folder)
    assert fingerprint(folder) == before

    (folder / "visiting" / "hours.yaml").write_text(ANOTHER.replace("open.", "open today."))
    changed = fingerprint(folder)
    (folder / "visiting" / "dogs.yaml").write_text(ANOTHER)

    assert len({before, changed, fingerprint(folder)}) == 3
