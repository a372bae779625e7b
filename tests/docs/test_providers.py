"""Each provider's page says what the facts say, and what paying costs is reckoned from them."""

import re
import tomllib
from decimal import Decimal

import pytest
import yaml

from app.adapters.vendors.call_prices import call_providers, load_call_prices
from app.adapters.vendors.facts import load_facts
from app.adapters.vendors.registry import VENDORS
from app.catalog.fallback_and_budget import Budget
from app.runtime.settings.vendors import KEY_NAMES
from tests.docs.pages import REFERENCE, ROOT

PAGES = REFERENCE / "providers"
KLING = (ROOT / "docs" / "kling.md").read_text()
NAMES = {"http": "http-renderer"}
"""Pages that are not named like their provider."""
KNOWN = {
    "V": "said by the provider",
    "T": "said by a third party",
    "I": "inferred",
    "?": "not found: a cautious stand-in",
}


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", [*KEY_NAMES])
def test_every_provider_has_a_page_that_names_its_key(name):
    page = f"{NAMES.get(name, name)}.md"

    assert KEY_NAMES[name] in (PAGES / page).read_text()
    assert f"]({page})" in (PAGES / "README.md").read_text()


@pytest.mark.parametrize("name", VENDORS)
def test_a_page_says_what_the_facts_say(name):
    facts, page = load_facts()[name], (PAGES / f"{NAMES.get(name, name)}.md").read_text()

    for model, one in facts.models.items():
        endpoint = one.endpoint or "any id"
        assert f"| `{model}` | `{endpoint}` | ${one.price_per_s} | {KNOWN[one.mark]} |" in page
    assert re.search(rf"^\| at once \| {facts.concurrency}; ", page, re.MULTILINE)
    assert f"at least {facts.min_portrait_px} px" in page
    assert f"at most {facts.max_image_bytes // 1_000_000} MB" in page
    assert f"to {facts.max_duration_s:g} s, at most {facts.max_audio_bytes // 1_000_000} MB" in page
    assert (f"| a minute | {facts.per_minute} submits |" in page) == (facts.per_minute is not None)
    assert facts.checked_on in page
    for question in facts.unknown:
        assert flat(question)[1:].rstrip(".") in flat(page)


OF_THEIR_OWN = [
    (name, model) for name, facts in load_facts().items() for model, one in facts.models.items() if one.source
]


@pytest.mark.parametrize(("name", "model"), OF_THEIR_OWN)
def test_a_page_says_where_a_model_differs_and_who_says_so(name, model):
    facts, page = load_facts()[name], (PAGES / f"{name}.md").read_text()
    own = facts.capabilities.of(model)

    sides = f"{own.min_portrait_px} to {own.max_portrait_px} px" if own.max_portrait_px else f"{own.min_portrait_px} px"
    ratio = f", ratio {own.portrait_ratio[0]:g} to {own.portrait_ratio[1]:g}" if own.portrait_ratio else ""
    portrait = f"{sides}{ratio}, {own.max_image_bytes // 1_000_000} MB"
    sound = f"{own.min_duration_s:g} to {own.max_duration_s:g} s, {own.max_audio_bytes // 1_000_000} MB"
    steps = f"whole seconds, {own.min_billed_s:g} at least" if own.min_billed_s else "whole seconds"
    billed = steps if own.billed_step_s == 1 else f"steps of {own.billed_step_s:g} s"
    assert f"| `{model}` | {portrait} | {sound} | {billed} |" in page
    source = facts.models[model]
    assert flat(f"`{model}`: {source.source} ({source.checked_on})") in flat(page)


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.md")), ids=lambda path: path.stem)
def test_what_a_page_lays_over_the_facts_fits(path):
    for block in re.findall(r"```toml\n(.+?)```", path.read_text(), re.DOTALL):
        told = tomllib.loads(block)
        load_facts({name: row for name, row in told.items() if name not in call_providers()})
        load_call_prices({name: row for name, row in told.items() if name in call_providers()})


def test_who_bills_failures_is_what_the_facts_say():
    page = (PAGES / "README.md").read_text()

    for name, facts in load_facts().items():
        assert f"| {name} | `{facts.bills_on}` | {facts.bills_on_source} |" in page
        assert facts.late_s == 300


def test_what_kling_costs_is_reckoned_from_the_facts():
    seconds = Decimal(re.search(r"about (\d+) seconds", KLING)[1])
    rows = re.findall(r"^\| `(\w+)/([\w-]+)` \| \$([\d.]+) \| \$([\d.]+) \| \$([\d.]+) \|$", KLING, re.MULTILINE)

    assert len(rows) >= 4
    for vendor, model, per_s, whole, minute in rows:
        price = load_facts()[vendor].model(model).price_per_s
        assert Decimal(per_s) == price
        assert Decimal(whole) == (price * seconds).quantize(Decimal("0.01"))
        assert Decimal(minute) == (price * 60).quantize(Decimal("0.01"))


def test_the_steps_to_kling_are_understood():
    avatar, budget = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.+?)```", KLING, re.DOTALL))

    vendor, _, model = avatar["renderers"][0].partition("/")
    assert load_facts()[vendor].model(model).price_per_s > 0
    assert Budget.model_validate(budget["budget"]).per_day == 25
