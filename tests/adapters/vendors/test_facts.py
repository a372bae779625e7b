from decimal import Decimal

import pytest

from app.adapters.vendors.facts import load_facts
from app.adapters.vendors.registry import VENDORS
from app.errors import ProviderRefusedError, SettingsError


def test_every_vendor_has_facts_and_every_fact_a_vendor():
    assert load_facts().keys() == VENDORS.keys()


@pytest.mark.parametrize("name", VENDORS)
def test_facts_say_where_they_come_from(name):
    facts = load_facts()[name]

    assert facts.source
    assert facts.checked_on >= "2026-11-22"
    assert facts.capabilities.models[0] in facts.models


@pytest.mark.parametrize("name", [name for name in VENDORS if name != "http"])
def test_no_price_is_nothing_but_that_of_an_own_server(name):
    capabilities = load_facts()[name].capabilities

    assert all(capabilities.price(model) > 0 for model in (*capabilities.models, "nobody/knows-it"))


def test_each_model_has_its_own_price_and_the_minimum_is_counted():
    wavespeed = load_facts()["wavespeed"].capabilities

    assert wavespeed.cost("kling-avatar-v2-standard", 10) == Decimal("0.56")
    assert wavespeed.cost("kling-avatar-v2-standard", 1) == Decimal("0.28")
    assert wavespeed.cost("kling-avatar-v2-standard", 10.01) == Decimal("0.616")  # a whole second more
    assert load_facts()["sync"].capabilities.cost("lipsync-2", 1.001) == Decimal("0.05") * Decimal("1.04")
    assert wavespeed.per_minute == 5
    assert wavespeed.price_per_s == Decimal("0.16")


def test_any_model_of_fal_may_be_named_by_its_id_at_a_cautious_price():
    fal = load_facts()["fal"]

    assert fal.model("fal-ai/infinitalk").endpoint == "fal-ai/infinitalk"
    assert fal.capabilities.price("fal-ai/infinitalk") == Decimal("0.20")
    assert fal.model("fal-ai/kling-video/ai-avatar/v2/standard").price_per_s == Decimal("0.0562")


@pytest.mark.parametrize("model", ["any", "kling-avatar-v9", "", "/"])
def test_a_name_that_is_no_id_is_refused(model):
    with pytest.raises(ProviderRefusedError, match="kling-avatar-v2-pro"):
        load_facts()["fal"].model(model)


def test_a_site_overrides_price_limit_and_adds_a_model():
    overrides = {
        "fal": {
            "max_duration_s": 300,
            "models": {
                "kling-avatar-v2-pro": {"price_per_s": "0.10", "mark": "V"},
                "infinitalk": {"endpoint": "fal-ai/infinitalk", "price_per_s": "0.2", "image": "image"},
            },
        }
    }

    fal = load_facts(overrides)["fal"]

    assert fal.capabilities.max_duration_s == 300
    assert fal.capabilities.price("kling-avatar-v2-pro") == Decimal("0.10")
    assert fal.model("infinitalk").image == "image"
    assert fal.version == load_facts()["fal"].version


def test_another_endpoint_under_an_old_name_is_another_version():
    overrides = {"fal": {"models": {"kling-avatar-v2-pro": {"endpoint": "fal-ai/kling-video/ai-avatar/v3/pro"}}}}

    assert load_facts(overrides)["fal"].version != load_facts()["fal"].version


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"fall": {}}, "'fall'"),
        ({"fal": {"max_duration": 3}}, "fal.max_duration"),
        ({"fal": {"concurrency": 0}}, "fal.concurrency"),
        ({"fal": {"models": {"kling-avatar-v2-pro": {"price_per_s": "cheap"}}}}, "price_per_s"),
    ],
)
def test_an_override_that_does_not_fit_is_refused_by_name(overrides, message):
    with pytest.raises(SettingsError, match=message):
        load_facts(overrides)
