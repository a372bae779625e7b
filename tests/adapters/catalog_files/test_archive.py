"""A catalog's folder packed and unpacked."""

import io
import zipfile

import pytest

from app.adapters.catalog_files import archive
from app.adapters.catalog_files.archive import pack, unpack
from app.adapters.catalog_files.loader import load_or_raise
from app.errors import CatalogError


def test_an_unpacked_catalog_is_the_same_catalog(repository, tmp_path):
    unpack(pack(repository / "intents"), tmp_path / "release")

    before, after = load_or_raise(repository / "intents"), load_or_raise(tmp_path / "release")

    assert after.digest == before.digest
    assert after.avatar.portrait_path != before.avatar.portrait_path


def test_the_same_files_give_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / "topic").mkdir(parents=True)
        (tmp_path / name / "topic" / "b.yaml").write_text("b")
        (tmp_path / name / "a.yaml").write_text("a")
        (tmp_path / name / ".hidden").write_text(name)

    assert pack(tmp_path / "one") == pack(tmp_path / "two")


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("mine")
    root = tmp_path / "intents"
    root.mkdir()
    (root / "a.yaml").write_text("a")
    (root / "b.yaml").symlink_to(tmp_path / "secret")

    assert zipfile.ZipFile(io.BytesIO(pack(root))).namelist() == ["a.yaml"]


def test_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", 10)
    (tmp_path / "a.yaml").write_text("a" * 11)

    with pytest.raises(CatalogError, match="smaller"):
        pack(tmp_path)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../b"])
def test_an_archive_never_writes_outside_its_folder(tmp_path, name):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(name, "x")

    with pytest.raises(CatalogError, match="inside"):
        unpack(data.getvalue(), tmp_path / "deep" / "release")

    assert not (tmp_path / "outside").exists()
    assert not (tmp_path / "deep" / "release").exists()


def test_other_bytes_are_told(tmp_path):
    with pytest.raises(CatalogError, match="archive"):
        unpack(b"not a zip", tmp_path / "release")


def test_unpacking_twice_changes_nothing(tmp_path):
    (tmp_path / "intents").mkdir()
    (tmp_path / "intents" / "a.yaml").write_text("a")
    data = pack(tmp_path / "intents")
    unpack(data, tmp_path / "release")

    unpack(data, tmp_path / "release")

    assert (tmp_path / "release" / "a.yaml").read_text() == "a"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
