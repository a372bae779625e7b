from pathlib import Path

import pytest

from app.adapters.catalog_files.tree import inside, scan
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
