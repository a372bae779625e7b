"""Limits of what is read: hidden, foreign, huge, nested and deceitful input is passed over or refused in words."""

import io
import zipfile
from pathlib import Path

import pytest

from app.adapters.catalog_files.imports import source
from app.adapters.catalog_files.imports.source import read_source
from app.errors import CatalogError
from tests.support.catalogs import write_file


def zipped(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_hidden_and_foreign_files_links_and_archives_are_passed_over_and_counted(tmp_path: Path):
    root = tmp_path / "project"
    for name in ("a.json", ".git/b.json", "node_modules/c.json", "d.py", "e.zip", "f/.hidden.json"):
        write_file(root / name, "{}")
    (root / "link.json").symlink_to(tmp_path / "secret.json")
    write_file(tmp_path / "secret.json", "{}")

    found = read_source(root)

    assert set(found.files) == {"a.json"}
    assert {one.what for one in found.left} == {
        "hidden or foreign folders: 2",
        "files ending in `.py`: 1",
        "archives inside; import each by itself: 1",
        "hidden or foreign files: 1",
        "links: 1",
    }


def test_names_in_an_archive_that_leave_it_are_passed_over(tmp_path: Path):
    names = ("ok.json", "../up.json", "/root.json", "__MACOSX/x.json", "/".join("abcdefghijklmn") + ".json", "in.zip")
    write_file(tmp_path / "a.zip", zipped(dict.fromkeys(names, b"{}")))

    found = read_source(tmp_path / "a.zip")

    assert set(found.files) == {"ok.json"}
    assert sum(int(one.what.rpartition(" ")[2]) for one in found.left) == 5


def test_a_file_that_grows_far_beyond_its_packed_size_is_refused(tmp_path: Path):
    write_file(tmp_path / "bomb.zip", zipped({"a.json": b" " * (3 << 20)}))

    with pytest.raises(CatalogError, match="200 times"):
        read_source(tmp_path / "bomb.zip")


def test_sizes_counts_and_depth_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    plain = zipped({"a.json": b"x" * 40, "b.json": b"y" * 40}, method=zipfile.ZIP_STORED)
    write_file(tmp_path / "a.zip", plain)
    write_file(tmp_path / "folder" / "a.json", "x" * 40)
    write_file(tmp_path / "folder" / "b.json", "y" * 40)
    deep = tmp_path / "deep"
    write_file(deep / "1" / "2" / "a.json", "{}")

    for name, limit, shown in (
        ("MAX_TOTAL_BYTES", 60, "in all"),
        ("MAX_FILES", 1, "files"),
        ("MAX_ENTRIES", 1, "files"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(source, name, limit)
            with pytest.raises(CatalogError, match=shown):
                read_source(tmp_path / "a.zip")
            with pytest.raises(CatalogError, match="Expected at most"):
                read_source(tmp_path / "folder")
    monkeypatch.setattr(source, "MAX_DEPTH", 1)
    assert read_source(deep).left[0].what == "folders more than 1 deep: 1"
    monkeypatch.setattr(source, "MAX_FILE_BYTES", 10)
    with pytest.raises(CatalogError, match="MB a file"):
        source.packed_within_limits("a.zip", plain)
    with pytest.raises(CatalogError, match="Expected at most"):
        read_source(tmp_path / "folder" / "a.json")
    assert [one.why for one in read_source(tmp_path / "folder").left] == ["over 0 MB", "over 0 MB"]


def test_an_archive_that_lies_about_its_sizes_brings_nothing(tmp_path: Path):
    content = bytearray(zipped({"a.json": b"[1]" * 50}, method=zipfile.ZIP_STORED))
    at = content.index(b"[1]")
    content[at : at + 3] = b"[2]"  # its checksum is wrong now
    write_file(tmp_path / "a.zip", bytes(content))

    found = read_source(tmp_path / "a.zip")

    assert found.files == {}
    assert "cannot be unpacked" in found.left[0].why


def test_a_password_other_bytes_and_unknown_kinds_are_told(tmp_path: Path):
    locked = bytearray(zipped({"a.json": b"{}"}))
    for mark, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + flag] |= 1
    write_file(tmp_path / "locked.zip", bytes(locked))
    write_file(tmp_path / "no.zip", b"not a zip")
    write_file(tmp_path / "faq.docx", b"x")
    write_file(tmp_path / "faq.xls", b"x")

    for name, words in (
        ("locked.zip", "password"),
        ("no.zip", "other bytes"),
        ("faq.docx", "into a table"),
        ("faq.xls", "save it as .xlsx"),
        ("nowhere.csv", "not there"),
    ):
        with pytest.raises(CatalogError, match=words):
            read_source(tmp_path / name)
