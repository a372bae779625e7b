"""Media for providers without an upload: put into a bucket, and read back by anybody who has the address."""

import httpx2 as httpx
import pytest
from pydantic import SecretStr

from app.errors import ProviderUnavailableError, SettingsError
from app.runtime.settings.vendors import VendorSettings
from app.runtime.wiring.providers import open_media_host
from tests.support.object_storage import ObjectStorage


@pytest.fixture
def storage(object_storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch) -> ObjectStorage:
    for name, value in object_storage.environment.items():
        monkeypatch.setenv(name, value)
    return object_storage


async def test_a_file_is_read_at_the_address_and_not_without_its_signature(storage):
    put = open_media_host(storage.empty_place(), variable="CREATIFY_MEDIA_URL")

    address = await put("portrait.png", b"a face", "image/png")
    again = await put("portrait.png", b"a face", "image/png")

    answer = httpx.get(address)
    assert (answer.content, answer.headers["content-type"]) == (b"a face", "image/png")
    assert httpx.get(again).content == b"a face"
    assert httpx.get(address.partition("?")[0]).status_code == 403


async def test_a_bucket_that_is_away_is_not_a_refusal(storage, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    put = open_media_host(storage.empty_place(), variable="CREATIFY_MEDIA_URL")

    with pytest.raises(ProviderUnavailableError, match="where the provider can fetch them"):
        await put("portrait.png", b"a face", "image/png")


def test_what_is_no_bucket_is_refused_by_name():
    with pytest.raises(SettingsError, match="CREATIFY_MEDIA_URL"):
        open_media_host("/srv/media", variable="CREATIFY_MEDIA_URL")


@pytest.mark.parametrize(
    ("account", "missing"),
    [
        ({}, "CREATIFY_API_KEY"),
        ({"creatify_api_key": SecretStr("id:key")}, "CREATIFY_MEDIA_URL"),
        ({"creatify_api_key": SecretStr("id:key"), "creatify_media_url": "s3://bucket/media"}, ""),
        ({"creatify_base_url": "http://127.0.0.1:9900/creatify"}, "CREATIFY_API_KEY"),
        ({"creatify_api_key": SecretStr("id:key"), "creatify_base_url": "http://127.0.0.1:9900/creatify"}, ""),
    ],
)
def test_key_and_bucket_are_both_needed(account, missing):
    assert VendorSettings(**account).missing("creatify") == missing
