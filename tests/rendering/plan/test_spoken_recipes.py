"""Speech recipes of spoken forms: texts read as they are written keep their keys, the others get new ones."""

import pytest

from app.adapters.text_normalisation.normaliser import GrammarNormaliser
from app.catalog.model import Avatar, Voice
from app.digest import digest_json
from app.rendering.fakes import FakeRenderer, FakeSpeech
from app.rendering.plan.clips import catalog_clips, want_clip
from app.rendering.plan.providers import AvatarProviders
from app.rendering.text_normalisation import AsWritten
from app.store.labels import Labels
from app.store.recipes import SpeechRecipe, differences
from tests.support.museum import english_museum

AVATAR = Avatar.model_construct(id="mira", name="Mira", portrait="", portrait_path="", portrait_digest="0" * 64)
READS = AvatarProviders(FakeSpeech(), FakeRenderer(), "fake", normaliser=GrammarNormaliser())
PLAIN = AvatarProviders(FakeSpeech(), FakeRenderer(), "fake", normaliser=AsWritten())


def speech(
    text: str, *, providers: AvatarProviders = READS, avatar: Avatar = AVATAR, locale: str = "en"
) -> SpeechRecipe:
    found = want_clip(avatar, providers, text=text, locale=locale, labels=Labels()).speech
    assert found is not None
    return found


def document_before(recipe: SpeechRecipe) -> dict[str, object]:
    """Return the document of a recipe as it was before spoken forms."""
    return {
        "kind": "speech",
        "schema": 1,
        "provider": recipe.provider,
        "version": recipe.version,
        "voice": recipe.voice,
        "speed": "1",
        "locale": recipe.locale,
        "text": recipe.text,
    }


@pytest.mark.parametrize("text", ["We are open every day.", "Come in, I'm here; it's free!", "Yes. No. Perhaps…"])
def test_a_text_without_figures_keeps_its_key(text):
    assert speech(text).key == digest_json(document_before(speech(text))) == speech(text, providers=PLAIN).key
    assert speech(text).document() == document_before(speech(text))


def test_the_key_of_an_earlier_version_is_still_made():
    recipe = SpeechRecipe(provider="local", version="1", voice="default", speed=1.0, locale="en", text="Come in.")
    assert recipe.key == "53d189710147b55598118c4fac56ce374e084385ce5ae1a33b121a9088a6c2c2"


def test_a_text_with_figures_gets_a_new_key():
    recipe = speech("It costs 8€.")
    assert recipe.key != digest_json(document_before(recipe))
    assert recipe.document() == {**document_before(recipe), "spoken": "It costs eight euros."}
    assert (recipe.text, recipe.spoken) == ("It costs 8€.", "It costs eight euros.")


def test_a_voice_may_go_without():
    avatar = AVATAR.model_copy(update={"voice": Voice(normalise=False)})
    recipe = speech("It costs 8€.", avatar=avatar)
    assert recipe.key == digest_json(document_before(recipe))
    assert recipe.spoken == "It costs 8€."


def test_pronunciations_are_read_first_and_hold_without_normalising():
    said = {"": {"Siobhan": "shi-vawn"}, "en": {"Nguyen": "/nwɪn/"}, "de": {"Nguyen": "nujen"}}
    for normalise in (True, False):
        avatar = AVATAR.model_copy(update={"pronounce": said, "voice": Voice(normalise=normalise)})
        assert speech("Ask Siobhan Nguyen.", avatar=avatar).spoken == "Ask shi-vawn [Nguyen](/nwɪn/)."
    assert speech("Frag Nguyen.", avatar=avatar, locale="de-AT").spoken == "Frag nujen."
    assert speech("Nguyens, Siobhanish", avatar=avatar).form is None


def test_a_change_of_the_reading_is_named():
    old, new = speech("It costs 8€.", providers=PLAIN), speech("It costs 8€.")
    names = differences({"speech": old.key}, {"speech": new.key}, old_speech=old.document(), new_speech=new.document())
    assert names == ("spoken",)


def test_clips_of_the_sample_catalog_keep_their_keys_but_for_figures():
    catalog = english_museum()
    before = {clip.text: clip.key for clip in catalog_clips(catalog, PLAIN)}
    after = {clip.text: clip for clip in catalog_clips(catalog, READS)}
    assert before.keys() == after.keys()
    moved = {text for text, clip in after.items() if clip.key != before[text]}
    assert moved == {text for text, clip in after.items() if clip.speech and clip.speech.form}
    assert all(any(character in text for character in "0123456789.&/@") for text in moved if text)
    assert len(moved) < len(after) / 4
