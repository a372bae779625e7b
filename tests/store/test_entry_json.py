from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.digest import digest_bytes, digest_json
from app.errors import StoreError
from app.store.entry_json import ENTRY_LIMIT_BYTES, check_key, dump_entry, load_entry
from app.store.labels import Labels
from app.store.ports import Entry

RECIPE = {"kind": "clip", "video": {"width": 720}}
ENTRY = Entry(
    key=digest_json(RECIPE),
    kind="clip",
    recipe=RECIPE,
    labels=Labels.from_json({"intent": "hours", "text": "Grüß Gott"}),
    blobs={"video": digest_bytes(b"film")},
    media={"duration_s": 2.5},
    created_at=datetime(2026, 3, 1, 12, 30, 1, 5, tzinfo=UTC),
)
WRITTEN = dump_entry(ENTRY)


def test_entry_comes_back_as_it_was() -> None:
    assert load_entry(WRITTEN, key=ENTRY.key) == ENTRY


@given(st.integers(0, len(WRITTEN) - 2))
def test_truncated_entry_is_refused(length: int) -> None:
    with pytest.raises(StoreError):
        load_entry(WRITTEN[:length], key=ENTRY.key)


@given(st.integers(0, len(WRITTEN) - 1), st.integers(0, 255))
def test_one_changed_byte_is_refused_or_means_nothing(position: int, byte: int) -> None:
    changed = WRITTEN[:position] + bytes([byte]) + WRITTEN[position + 1 :]

    try:
        loaded = load_entry(changed, key=ENTRY.key)
    except StoreError:
        return

    assert loaded == ENTRY


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(StoreError):
        load_entry(data, key=ENTRY.key)


def test_entry_under_another_name_is_refused() -> None:
    with pytest.raises(StoreError):
        load_entry(WRITTEN, key=digest_bytes(b"other"))


@pytest.mark.parametrize(
    "change",
    [
        {"labels": Labels.from_json({"text": object()})},
        {"media": {"duration_s": float("nan")}},
        {"labels": Labels.from_json({"text": "x" * ENTRY_LIMIT_BYTES})},
        {"created_at": datetime(2026, 3, 1)},  # noqa: DTZ001 - the fault tested
    ],
)
def test_entry_that_cannot_be_written_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(StoreError):
        dump_entry(replace(ENTRY, **change))


def test_key_has_to_be_the_digest_of_the_recipe() -> None:
    check_key(ENTRY)

    with pytest.raises(StoreError, match=ENTRY.key):
        check_key(replace(ENTRY, key=digest_bytes(b"other")))
