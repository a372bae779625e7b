import os
from pathlib import Path

import pytest

from app.adapters.catalog_files.tree import inside, scan
from app.catalog.findings import Level
from tests.support.catalogs import write_file


def test_sorts_files_by_kind(tmp_path: Path):
    for name in (
        "catalog.yaml",
        "b/y.yaml",
        "a/x.yaml",
        "avatars/m.yaml",
        "avatars/m.png",
        "knowledge/k.md",
        "a/.h.yaml",
    ):
        write_file(tmp_path / name, "x")

    tree = scan(tmp_path)

    assert tree.top == {"catalog.yaml"}
    assert tree.intents == ("a/x.yaml", "b/y.yaml")
    assert tree.avatars == ("avatars/m.yaml",)
    assert tree.knowledge == ("knowledge/k.md",)
    assert tree.findings == ()


@pytest.mark.parametrize(
    ("name", "better"),
    [("A b/Cd.yaml", "a-b/cd.yaml"), ("a/-x-.yaml", "a/x.yaml"), (f"a/{'x' * 80}.yaml", f"a/{'x' * 64}.yaml")],
)
def test_a_bad_name_gets_a_better_one(tmp_path: Path, name: str, better: str):
    write_file(tmp_path / name, "x")

    assert [one.hint for one in scan(tmp_path).findings] == [f"Rename it to `{better}`."]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("a/x.yml", "Rename it to `a/x.yaml`"),
        ("a/x.YAML", "Rename it to `a/x.yaml`"),
        ("a/X Y.YmL", "Rename it to `a/x-y.yaml`"),
        ("a/x.yaml.txt", "Rename it to `a/x.yaml`"),
        ("a/x.yaml.bak", "a backup"),
        ("a/x.yaml~", "a backup"),
        ("a/~$x.docx", "a lock file"),
        ("a/x.json", "greenroom import"),
        ("a/x", "Rename it to end in `.yaml`"),
        ("fact.yaml", "Did you mean `facts.yaml`?"),
        ("Catalog.yaml", "Did you mean `catalog.yaml`?"),
        ("x.yaml", "Move it into a topic's folder"),
        ("knowledge/x.MD", "Rename it to `knowledge/x.md`"),
        ("knowledge/x.markdown", "Rename it to `knowledge/x.md`"),
        ("knowledge/Über uns.txt", "Rename it to `knowledge/ueber-uns.md`"),
        ("knowledge/x.yaml", "Documents are Markdown"),
        ("KNOWLEDGE/x.md", "move it to `knowledge/x.md`"),
        ("a/x.md", "move it to `knowledge/x.md`"),
        ("a/x.pdf", "`knowledge/x.md`"),
        ("a/b/x.txt", "Move its files up"),
    ],
)
def test_a_file_that_is_not_read_is_told_with_what_to_do(tmp_path: Path, name: str, advice: str):
    write_file(tmp_path / name, "x")

    (finding,) = scan(tmp_path).findings

    assert (finding.rule, finding.level) == ("unknown-file", Level.WARNING)
    assert advice in finding.hint


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "a/readme.txt",
        "LICENSE",
        "a/.x.yml",
        ".git/x.yml",
        "a/x.wav",
        "avatars/x.psd",
        "Thumbs.db",
        "README.de.md",
        "a/README.de.md",
        "a/b/readme.fr.txt",
        "a/b/x.wav",
    ],
)
def test_notes_media_and_hidden_files_are_left_alone(tmp_path: Path, name: str):
    write_file(tmp_path / name, "x")

    assert scan(tmp_path).findings == ()


@pytest.mark.parametrize("closed", ["a/b", "a/b/c"])
def test_a_folder_too_deep_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str):
    write_file(tmp_path / "a/x.yaml", "x")
    write_file(tmp_path / "a/b/c/x.wav", "x")
    opened = os.scandir

    def scandir(folder: str):  # file modes do not stop a test that runs as root
        if str(folder).endswith(closed):
            raise PermissionError(13, "Permission denied", folder)
        return opened(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    tree = scan(tmp_path)

    assert tree.intents == ("a/x.yaml",)
    assert [(one.rule, one.file, one.level) for one in tree.findings] == [("unknown-file", "a/b", Level.WARNING)]
    assert "permissions" in tree.findings[0].hint


def test_a_name_that_is_not_text_is_still_shown(tmp_path: Path):
    write_file(tmp_path / "a" / "\udcff.yaml", "x")

    (finding,) = scan(tmp_path).findings

    finding.file.encode("utf-8")


def test_inside_follows_links(tmp_path: Path):
    root = tmp_path / "root"
    write_file(root / "a.txt", "x")
    write_file(tmp_path / "b.txt", "x")
    (root / "out").symlink_to(tmp_path / "b.txt")
    (root / "self").symlink_to(root / "self")

    assert inside(root, root / "a.txt")
    assert not inside(root, root / "out")
    assert not inside(root, root / ".." / "b.txt")
    assert not inside(root, root / "self")
    assert not inside(root, root / "absent")
