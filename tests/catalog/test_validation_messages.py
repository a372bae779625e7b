import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from app.catalog.findings import Complaint
from app.catalog.model import AvatarFile, CatalogFile, IntentFile
from app.catalog.validation_messages import did_you_mean, explain


def complaints(model: type[BaseModel], **document: Any) -> tuple[Complaint, ...]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(json.dumps(document), strict=True)
    return explain(caught.value, model)


@pytest.mark.parametrize(
    ("document", "message", "hint"),
    [
        ({"title": 12}, "Expected text for `title`, got `12`.", "quotes"),
        ({"title": None}, "Expected text for `title`, got nothing.", "Write a value"),
        ({"title": "x", "interruptible": "yes"}, "Expected `true` or `false` for `interruptible`, got `yes`.", ""),
        ({"title": "x", "next": ["A B"]}, "Expected an id of lower-case letters", ""),
        ({"title": "x", "role": "hello"}, "Expected 'answer', 'greeting'", ""),
        ({"title": "x", "valid": {"until": "soon"}}, "Expected a day such as `2026-12-31` for `valid.until`", ""),
        ({"title": "x", "card": {"title": "x", "url": "www.x"}}, "Expected an address that begins with", ""),
        ({"title": "x", "card": {"title": "x", "link": "y"}}, "Expected a known key, got `link`.", "`url`"),
        ({"title": ""}, "Expected text of at least 1 character for `title`", ""),
    ],
)
def test_says_what_was_expected_and_what_came(document: dict[str, Any], message: str, hint: str):
    (complaint,) = complaints(IntentFile, **document)

    assert complaint.message.startswith(message)
    assert hint in complaint.hint


def test_a_misspelt_required_key_is_one_cause():
    (complaint,) = complaints(IntentFile, tilte="x")

    assert (complaint.rule, complaint.path, complaint.hint) == ("unknown-key", ("tilte",), "Did you mean `title`?")


def test_a_missing_key_is_told_to_be_added():
    (complaint,) = complaints(CatalogFile, name="x")

    assert (complaint.rule, complaint.hint) == ("missing-key", "Add `avatar:`.")


def test_numbers_have_their_limits_told():
    (complaint,) = complaints(AvatarFile, name="x", portrait="y", voice={"speed": 9})

    assert complaint.message == "Expected less than or equal to 2 for `voice.speed`, got `9`."


def test_infinite_numbers_are_refused():
    (complaint,) = complaints(AvatarFile, name="x", portrait="y", voice={"speed": float("inf")})

    assert "`voice.speed`" in complaint.message


def test_offers_the_nearest_name_or_the_known_ones():
    assert did_you_mean("opening-hour", ["dogs", "opening-hours"]) == "Did you mean `opening-hours`?"
    assert did_you_mean("zzz", ["dogs", "cats"]) == "Known: `cats`, `dogs`."
    assert did_you_mean("zzz", []) == ""
