"""Clips over HTTP: ranges, validators, and nothing but digests."""

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.digest import digest_bytes
from app.web.app import create_app
from app.web.clips import RangeError, is_unchanged, wanted_span
from tests.support.fake_web import FakeContainer

DATA = bytes(range(256)) * 1000
ETAG = f'"{digest_bytes(DATA)}"'
URL = f"/clips/{digest_bytes(DATA)}.mp4"


@pytest.fixture
async def client():
    container = FakeContainer()
    await container.blobs.put_bytes(DATA)
    return TestClient(create_app(container))


async def test_a_clip_comes_whole_and_for_ever(client):
    answer = client.get(URL)

    assert answer.status_code == 200
    assert answer.content == DATA
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-length"] == str(len(DATA))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["etag"] == ETAG
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_head_tells_the_size_and_sends_nothing(client):
    answer = client.head(URL)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(DATA))


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-1", 0, 2),
        ("bytes=0-", 0, len(DATA)),
        ("bytes=100-199", 100, 200),
        ("bytes=255999-", 255_999, len(DATA)),
        ("bytes=255000-999999999", 255_000, len(DATA)),
        ("bytes=-5", len(DATA) - 5, len(DATA)),
        ("bytes=-999999999", 0, len(DATA)),
    ],
)
async def test_a_range_comes_exactly(client, wanted, start, end):
    answer = client.get(URL, headers={"range": wanted})

    assert answer.status_code == 206
    assert answer.content == DATA[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(DATA)}"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("wanted", ["bytes=256000-", "bytes=999999-1000000", "bytes=-0"])
async def test_a_range_outside_is_refused_with_the_size(client, wanted):
    answer = client.get(URL, headers={"range": wanted})

    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"
    assert answer.json()["code"] == "range_not_satisfiable"


@pytest.mark.parametrize("wanted", ["bytes=5-2", "bytes=a-b", "lines=0-1", "bytes=-", "bytes=0-1,5-6", "bytes=0"])
async def test_a_range_that_cannot_be_read_is_ignored(client, wanted):
    answer = client.get(URL, headers={"range": wanted})

    assert (answer.status_code, len(answer.content)) == (200, len(DATA))


@pytest.mark.parametrize(("validator", "status"), [(ETAG, 206), ('"other"', 200), (f"W/{ETAG}", 200)])
async def test_if_range_needs_the_same_bytes(client, validator, status):
    answer = client.get(URL, headers={"range": "bytes=0-9", "if-range": validator})

    assert answer.status_code == status


@pytest.mark.parametrize("named", [ETAG, f"W/{ETAG}", f'"other", {ETAG}', "*"])
async def test_what_is_known_is_not_sent_again(client, named):
    answer = client.get(URL, headers={"if-none-match": named})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == ETAG


@pytest.mark.parametrize(
    "path",
    [
        f"/clips/{'0' * 64}.mp4",
        URL.replace(".mp4", ".exe"),
        URL.replace(".mp4", ""),
        URL.upper(),
        "/clips/..%2f..%2fetc%2fpasswd.mp4",
        "/clips/../../etc/passwd.mp4",
        "/clips/%00.mp4",
        "/clips/.mp4",
    ],
)
async def test_anything_but_a_stored_digest_is_not_found(client, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@given(st.text(alphabet="bytes=0123456789-, ", max_size=20), st.integers(0, 500))
def test_a_span_always_lies_inside_the_file(wanted, size):
    try:
        span = wanted_span({"range": wanted}, etag='"e"', size_bytes=size)
    except RangeError:
        return

    assert span is None or 0 <= span.start < span.end <= size


def test_without_a_validator_nothing_is_unchanged():
    assert not is_unchanged({}, etag='"e"')
