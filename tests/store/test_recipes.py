import json
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.digest import digest_bytes, digest_json
from app.errors import DigestError, StoreError
from app.store.recipes import POST_VERSION, SCHEMA, ClipRecipe, SpeechRecipe, decimal_text, differences, spoken_text

PORTRAIT = digest_bytes(b"portrait")
SPEECH: dict[str, Any] = {
    "provider": "local",
    "version": "1",
    "voice": "default",
    "speed": 1.0,
    "locale": "en",
    "text": "We are open from ten to six.",
}
CLIP: dict[str, Any] = {
    "portrait": PORTRAIT,
    "speech": SpeechRecipe(**SPEECH).key,
    "renderer": "local",
    "renderer_version": "3",
    "model": "drawn",
    "width": 720,
    "height": 720,
    "fps": 30,
    "parameters": {"warmth": 0.5, "look": {"hair": "red", "glasses": True}, "seeds": [1, 2]},
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: reordered(value[name]) for name in reversed(value)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


def test_speech_document_is_the_documented_one() -> None:
    assert SpeechRecipe(**SPEECH).document() == {
        "kind": "speech",
        "schema": SCHEMA,
        "provider": "local",
        "version": "1",
        "voice": "default",
        "speed": "1",
        "locale": "en",
        "text": "We are open from ten to six.",
    }


def test_clip_document_is_the_documented_one() -> None:
    assert ClipRecipe(**CLIP).document() == {
        "kind": "clip",
        "schema": SCHEMA,
        "portrait": PORTRAIT,
        "speech": CLIP["speech"],
        "idle_s": None,
        "renderer": "local",
        "renderer_version": "3",
        "model": "drawn",
        "parameters": CLIP["parameters"],
        "video": {"width": 720, "height": 720, "fps": 30},
        "post": POST_VERSION,
    }


def test_keys_are_the_same_on_every_machine_and_day() -> None:
    """A changed value here makes every stored clip stale: raise SCHEMA when that is meant."""
    assert SpeechRecipe(**SPEECH).key == "81329688436fc6eb13f913c8de2f8337fa98e7d102a405a414a75a09cfd49d2d"
    assert ClipRecipe(**CLIP).key == "3145c3829ab649374d5f15af5e324525eec70f367f91d7a03a23e8c40614d661"


@pytest.mark.parametrize(
    ("field", "value"),
    [("provider", "x"), ("version", "2"), ("voice", "x"), ("speed", 1.1), ("locale", "de"), ("text", "We are open.")],
)
def test_any_changed_speech_field_changes_the_key_and_is_named(field: str, value: Any) -> None:
    old, new = SpeechRecipe(**SPEECH), SpeechRecipe(**{**SPEECH, field: value})

    assert old.key != new.key
    assert differences(old.document(), new.document()) == (field,)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"portrait": digest_bytes(b"other")}, "portrait"),
        ({"speech": digest_bytes(b"other")}, "speech"),
        ({"renderer": "x"}, "renderer"),
        ({"renderer_version": "x"}, "renderer_version"),
        ({"model": "x"}, "model"),
        ({"width": 721}, "video.width"),
        ({"height": 721}, "video.height"),
        ({"fps": 25}, "video.fps"),
        ({"post": POST_VERSION + 1}, "post"),
        ({"parameters": {**CLIP["parameters"], "warmth": 0.6}}, "parameters.warmth"),
        ({"parameters": {**CLIP["parameters"], "warmth": "0.5"}}, "parameters.warmth"),
        ({"parameters": {**CLIP["parameters"], "look": {"hair": "red", "glasses": 1}}}, "parameters.look.glasses"),
        ({"parameters": {**CLIP["parameters"], "seeds": [2, 1]}}, "parameters.seeds"),
        ({"parameters": {**CLIP["parameters"], "new": None}}, "parameters.new"),
    ],
)
def test_any_changed_clip_field_changes_the_key_and_is_named(change: dict[str, Any], name: str) -> None:
    old, new = ClipRecipe(**CLIP), ClipRecipe(**{**CLIP, **change})

    assert old.key != new.key
    assert differences(old.document(), new.document()) == (name,)
    assert differences(new.document(), old.document()) == (name,)


def test_idle_length_changes_the_key() -> None:
    idle = {**CLIP, "speech": None}

    assert ClipRecipe(**idle, idle_s=6).key == ClipRecipe(**idle, idle_s=6.0).key
    assert ClipRecipe(**idle, idle_s=6).key != ClipRecipe(**idle, idle_s=6.5).key


@pytest.mark.parametrize("change", [{"idle_s": 6.0}, {"speech": None}])
def test_clip_speaks_or_idles(change: dict[str, Any]) -> None:
    with pytest.raises(StoreError, match="exactly one"):
        ClipRecipe(**{**CLIP, **change})


def test_assets_enter_by_digest_only() -> None:
    with pytest.raises(DigestError):
        ClipRecipe(**{**CLIP, "portrait": "https://example.org/mira.png"}).document()


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_key_order_does_not_matter(parameters: dict[str, Any]) -> None:
    given_order = ClipRecipe(**{**CLIP, "parameters": parameters})
    other_order = ClipRecipe(**{**CLIP, "parameters": reordered(parameters)})

    assert given_order.key == other_order.key


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_document_read_back_from_json_has_the_same_key(parameters: dict[str, Any]) -> None:
    recipe = ClipRecipe(**{**CLIP, "parameters": parameters})

    assert digest_json(json.loads(json.dumps(recipe.document()))) == recipe.key


@given(st.dictionaries(st.text(max_size=2), JSON, max_size=3), st.dictionaries(st.text(max_size=2), JSON, max_size=3))
def test_differences_are_named_exactly_when_keys_differ(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = ClipRecipe(**{**CLIP, "parameters": old}), ClipRecipe(**{**CLIP, "parameters": new})

    named = differences(before.document(), after.document())

    assert (before.key != after.key) == bool(named)


@given(st.integers(-(10**6), 10**6))
def test_whole_number_and_float_are_one_key(number: int) -> None:
    whole = ClipRecipe(**{**CLIP, "parameters": {"n": number}})
    floating = ClipRecipe(**{**CLIP, "parameters": {"n": float(number)}})

    assert whole.key == floating.key
    assert decimal_text(number) == decimal_text(float(number)) == decimal_text(Decimal(f"{number}.00"))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_decimal_text_keeps_the_value_without_an_exponent(number: float) -> None:
    text = decimal_text(number)

    assert float(text) == number
    assert "e" not in text.lower()
    assert text != "-0"


@pytest.mark.parametrize("bad", [math.nan, math.inf, 2**60, {1: "x"}, object(), b"bytes", {1, 2}])
def test_parameters_that_are_not_json_are_refused(bad: Any) -> None:
    with pytest.raises(StoreError):
        ClipRecipe(**{**CLIP, "parameters": {"bad": bad}}).document()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_speed_has_to_be_finite(bad: float) -> None:
    with pytest.raises(StoreError):
        SpeechRecipe(**{**SPEECH, "speed": bad}).document()


@given(st.lists(st.text(st.characters(exclude_categories=["Z", "C", "M"]), min_size=1), min_size=1), st.data())
def test_white_space_does_not_matter(words: list[str], data: st.DataObject) -> None:
    gaps = st.text(" \t\n\r\u00a0\u2003\u3000", min_size=1)
    spaced = "".join(data.draw(gaps) + word for word in words) + data.draw(gaps)

    plain = SpeechRecipe(**{**SPEECH, "text": " ".join(words)})

    assert SpeechRecipe(**{**SPEECH, "text": spaced}).key == plain.key


def test_composed_and_decomposed_letters_are_one_key() -> None:
    assert spoken_text("Caf\u00e9") == spoken_text("Cafe\u0301")


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_can_enter_a_recipe(text: str) -> None:
    recipe = SpeechRecipe(**{**SPEECH, "text": text})

    assert len(recipe.key) == 64
    assert spoken_text(spoken_text(text)) == spoken_text(text)


def test_one_changed_word_is_named_as_text() -> None:
    old, new = SpeechRecipe(**SPEECH), SpeechRecipe(**{**SPEECH, "text": "We are shut.", "version": "2"})
    clips = [ClipRecipe(**{**CLIP, "speech": speech.key, "fps": fps}) for speech, fps in ((old, 30), (new, 25))]

    named = differences(clips[0].document(), clips[1].document(), old_speech=old.document(), new_speech=new.document())

    assert named == ("speech.version", "text", "video.fps")


def test_document_is_a_copy() -> None:
    parameters = {"seeds": [1]}
    recipe = ClipRecipe(**{**CLIP, "parameters": parameters})
    document = recipe.document()

    document["parameters"]["seeds"].append(2)

    assert parameters == {"seeds": [1]}
