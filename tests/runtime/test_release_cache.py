"""Releases that lie unpacked: what is served stays, what nobody uses goes."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.runtime.serving.release_cache import KEPT_S, keep_release_cache, tidy_release_cache
from app.runtime.settings.site import Settings
from app.runtime.wiring.current_catalog import touch

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(seconds=KEPT_S)


@pytest.fixture
def release_cache(tmp_path: Path) -> Path:
    """Three releases, half of a fourth, and half of one that was going; nobody has used any for two days."""
    for name in ("1-a", "2-b", "3-c", ".4-d.draft", ".0-z.going"):
        folder = tmp_path / "releases" / name
        (folder / "intents").mkdir(parents=True)
        (folder / "catalog.yaml").write_text("name: x")
        touch(folder, now=NOW - 2 * DAY)
    return tmp_path / "releases"


def left(release_cache: Path) -> set[str]:
    return {path.name for path in release_cache.iterdir()}


def test_what_is_served_and_was_before_stays(release_cache):
    gone = tidy_release_cache(release_cache, ("3-c", "2-b"), now=NOW)

    assert left(release_cache) == {"2-b", "3-c"}
    assert set(gone) == {"1-a", ".4-d.draft", ".0-z.going"}


def test_what_somebody_else_used_within_a_day_stays(release_cache):
    touch(release_cache / "1-a", now=NOW - DAY / 2)

    tidy_release_cache(release_cache, ("3-c",), now=NOW)

    assert left(release_cache) == {"1-a", "3-c"}
    assert tidy_release_cache(release_cache, ("3-c",), now=NOW + DAY) == ("1-a",)


def test_a_shelf_that_is_not_there_is_fine(tmp_path):
    assert tidy_release_cache(tmp_path / "nowhere", ("1-a",), now=NOW) == ()


async def test_it_goes_on_after_a_folder_that_cannot_be_read(release_cache, monkeypatch):
    rounds = []

    async def sleep(_seconds: float) -> None:
        rounds.append(left(release_cache) if release_cache.is_dir() else None)
        monkeypatch.undo()
        if len(rounds) == 2:
            raise asyncio.CancelledError

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(os, "utime", refuse)
    keeping = keep_release_cache(
        Settings(models_dir=release_cache.parent), lambda: ("3-c",), now=lambda: NOW, sleep=sleep
    )
    await asyncio.gather(keeping, return_exceptions=True)

    assert [len(found or ()) for found in rounds] == [5, 1]
