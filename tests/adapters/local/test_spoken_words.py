"""The local voice and spoken forms: phonemes of a catalog, and lengths before it speaks."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.local.phones import marked_words, own_alphabet, spoken_counts, spread_words
from app.adapters.local.speech import Voice, speak
from app.adapters.text_normalisation.normaliser import GrammarNormaliser
from app.catalog.spoken.form import SpokenForm
from app.rendering.plan.speech_length import speech_seconds

FORMS = Path("tests/data/spoken_forms/en.tsv")


@pytest.fixture(scope="module")
def voice() -> Voice:
    return Voice()


@pytest.mark.parametrize(
    ("written", "own"),
    [
        ("Ask [Siobhan](/ʃəˈvɔːn/) now.", "Ask [Siobhan](/ʃəvˈɔn/) now."),
        ("[Joe](/dʒoʊ/)", "[Joe](/ʤO/)"),
        ("[Nguyen](/ˈnwɪn/)", "[Nguyen](/nwˈɪn/)"),
        ("no phonemes, [just] (brackets)", "no phonemes, [just] (brackets)"),
    ],
)
def test_phonemes_come_in_the_voices_alphabet(written, own):
    assert own_alphabet(written) == own


def test_a_word_with_phonemes_is_one_word():
    assert marked_words("Ask [Le Monde](/lə mɔnd/), now.") == ["Ask", "[Le Monde](/lə mɔnd/),", "now."]


def test_phonemes_are_spoken_and_words_keep_their_times(voice: Voice):
    said = voice.speak("Ask [Siobhan](/ʃəˈvɔːn/) about it.")
    phones = "".join(phone.text for phone in said.phones)
    assert "ʃəvɔn" in phones
    assert [word.text for word in said.words] == ["Ask", "Siobhan", "about", "it."]


@pytest.mark.parametrize(
    ("written", "times"),
    [
        (["nine", "–", "five"], [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)]),
        (["–", "nine", "five", ":"], [(0.0, 0.0), (0.0, 1.0), (2.0, 3.0), (3.0, 3.0)]),
        (["–"], [(0.0, 0.0)]),
    ],
)
def test_a_lone_mark_has_the_pause_between_its_neighbours(written, times):
    spans = spread_words(written, spoken_counts(written), [(0.0, 1.0), (2.0, 3.0)])
    assert [(one.start_s, one.end_s) for one in spans] == times


def test_english_words_keep_their_times_beside_lone_marks(voice: Voice):
    plain, marked = voice.speak("Come today or tomorrow."), voice.speak("Come – today – or tomorrow.")
    spoken = [word for word in marked.words if word.text != "–"]
    assert [word.text for word in spoken] == [word.text for word in plain.words]
    starts = [word.start_s for word in spoken]
    assert starts == sorted(set(starts))
    assert all(before.end_s <= after.start_s + 1e-9 for before, after in pairwise(marked.words))


def errors(voice: Voice, texts: list[str]) -> np.ndarray:
    """Relative errors of the expected lengths."""
    return np.abs([speech_seconds(text, "en") / speak(voice, text).duration_s - 1 for text in texts])


def test_lengths_of_the_samples_answers_are_expected_within_a_tenth(voice: Voice):
    normaliser = GrammarNormaliser()
    catalog = load_or_raise(Path("intents"))
    answers = [text for intent in catalog.intents for text in intent.answer.get("en", ())]
    off = errors(voice, [SpokenForm.of(normaliser.segments(text, "en")).spoken for text in answers])
    assert (off <= 0.1).mean() >= 0.95
    assert off.max() < 0.2


def test_lengths_of_figures_are_those_of_their_words(voice: Voice):
    said = [line.split("\t")[1] for line in FORMS.read_text(encoding="utf-8").splitlines()]
    off = errors(voice, said)
    assert (off <= 0.1).mean() >= 0.95
    assert off.max() < 0.3


def test_lengths_of_other_languages_go_by_characters():
    assert speech_seconds("x" * 150, "de") == 10.0
    assert speech_seconds("  ", "en") == 0.0
