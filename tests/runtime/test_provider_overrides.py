"""A site's own prices, limits and endpoints; and which addresses a vendor is told to call."""

from decimal import Decimal

import pytest

from app.errors import SettingsError
from app.rendering.plan.pricing import quote
from app.runtime.settings.site import load_settings
from app.runtime.settings.vendors import VendorSettings, provider_overrides
from app.runtime.wiring.providers import open_renderers

OURS = """
[fal]
concurrency = 10
[fal.models.kling-avatar-v2-pro]
price_per_s = 0.09
"""


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GREENROOM_PROVIDERS_FILE", raising=False)


async def test_what_a_site_knows_better_is_what_is_planned_with(tmp_path):
    (tmp_path / "providers.toml").write_text(OURS)

    async with open_renderers(load_settings(cache=str(tmp_path / "cache"))) as renderers:
        facts = renderers["fal"].capabilities

    assert facts.concurrency == 10
    assert facts.price("kling-avatar-v2-pro") == Decimal("0.09")
    assert facts.price("kling-avatar-v2-standard") == Decimal("0.0562")


async def test_a_renderer_without_its_key_is_priced_and_says_what_it_needs(tmp_path, monkeypatch):
    monkeypatch.delenv("FAL_KEY", raising=False)
    monkeypatch.delenv("FAL_BASE_URL", raising=False)
    monkeypatch.setenv("SYNC_API_KEY", "any")

    async with open_renderers(load_settings(cache=str(tmp_path / "cache"))) as renderers:
        without, given = renderers["fal"].capabilities, renderers["sync"].capabilities

    assert (without.needs, given.needs) == ("FAL_KEY", "")
    assert quote([], without, "kling-avatar-v2-pro").needs == "FAL_KEY"
    assert without.price("kling-avatar-v2-pro") > 0


def test_without_a_file_nothing_is_laid_over():
    assert provider_overrides(load_settings()) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[fal", "TOML"),
        ("fal = 3", r"table \[fal\]"),
        ("[fall]", "'fall'"),
        ("[fal]\nconcurrency = 0", "fal.concurrency.*got 0"),
        ("[fal.models.kling-avatar-v2-pro]\nprice_per_s = 'cheap'", "price_per_s"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name(tmp_path, text, said):
    (tmp_path / "providers.toml").write_text(text)

    with pytest.raises(SettingsError, match=rf"providers\.toml.*{said}"):
        provider_overrides(load_settings())


def test_a_file_that_was_named_must_be_there(monkeypatch):
    monkeypatch.setenv("GREENROOM_PROVIDERS_FILE", "mine.toml")

    with pytest.raises(SettingsError, match=r"mine\.toml"):
        provider_overrides(load_settings())


@pytest.mark.parametrize(
    ("base_url", "public_url", "asked_for"),
    [
        ("", "https://shop.example.org", True),
        ("", "http://shop.example.org", False),
        ("", "https://localhost:8000", False),
        ("", "https://192.168.1.7", False),
        ("", "", False),
        ("http://127.0.0.1:9900/fal", "http://127.0.0.1:8000", True),
        ("http://[::1]:9900/fal", "http://127.0.0.1:8000", True),
        ("http://localhost.example.org/fal", "http://127.0.0.1:8000", False),
        ("http://127.0.0.1.example.org/fal", "http://127.0.0.1:8000", False),
    ],
)
def test_a_vendor_is_told_only_addresses_it_can_call(base_url, public_url, asked_for):
    access = VendorSettings(fal_base_url=base_url).access("fal", public_url=public_url)

    assert (access.webhook_base is not None) == asked_for
