"""The arithmetic of the voice's times, on a graph of our own; `make bench-voices` hears the real one back."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from app.adapters.local.kokoro import packs
from app.adapters.local.kokoro import voice as kokoro
from app.adapters.local.kokoro.french import french
from app.adapters.local.kokoro.italian import italian
from app.adapters.local.kokoro.packs import PACKS, folder_of, table_of
from app.adapters.local.kokoro.phonemes import check_installed, known_symbols, phonemizer, pieces, sentences
from app.adapters.local.kokoro.voice import KokoroVoice
from app.adapters.local.speech import LocalSpeech
from app.errors import ProviderRefusedError, SettingsError
from app.rendering.ports import SpeechRequest

UNITS, LETTERS = 4, " .,?abdefiklmnopstuxɡɲɾˈβðɣ"


def a_graph(samples_per_unit: int = 600) -> bytes:
    """Each symbol lasts four units; the sound is a hum as long as they."""
    constants = {
        "each": np.full((1, 1), UNITS, np.float32),
        "least": np.float32(1),
        "most": np.float32(99),
        "per": np.array([UNITS * samples_per_unit], np.int64),
        "one": np.array([1], np.int64),
        "hum": np.array([0.1], np.float32),
    }
    nodes = [
        helper.make_node("Shape", ["tokens"], ["shape"]),
        helper.make_node("Expand", ["each", "shape"], ["spread"]),
        helper.make_node("Clip", ["spread", "least", "most"], ["/encoder/Clip_output_0"]),
        helper.make_node("Gather", ["shape", "one"], ["count"]),
        helper.make_node("Mul", ["count", "per"], ["length"]),
        helper.make_node("Expand", ["hum", "length"], ["audio"]),
    ]
    inputs = [
        helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "n"]),
        helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
        helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
    ]
    outputs = [helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["m"])]
    given = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "voice", inputs, outputs, given)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


@pytest.fixture
def models_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return a_pack(tmp_path, monkeypatch, a_graph())


def a_pack(models: Path, monkeypatch: pytest.MonkeyPatch, graph: bytes) -> Path:
    folder = folder_of(models)
    folder.mkdir(parents=True)
    vocabulary = json.dumps({"vocab": {letter: at + 1 for at, letter in enumerate(LETTERS)}}).encode()
    table = np.zeros((510, 256), "<f4").tobytes()
    (folder / packs.GRAPH).write_bytes(graph)
    (folder / packs.VOCABULARY).write_bytes(vocabulary)
    spanish = packs.VoicePack("es", "Spanish", {"ef_dora": hashlib.sha256(table).hexdigest()}, 0.05)
    table_of(folder, "ef_dora").write_bytes(table)
    monkeypatch.setattr(packs, "PACKS", {"es": spanish})
    monkeypatch.setattr(kokoro, "PACKS", {"es": spanish})
    monkeypatch.setattr(kokoro, "GRAPH_SHA256", hashlib.sha256(graph).hexdigest())
    monkeypatch.setattr(kokoro, "VOCABULARY_SHA256", hashlib.sha256(vocabulary).hexdigest())
    return models


def test_every_word_has_its_time(models_dir: Path):
    said = KokoroVoice(folder_of(models_dir), "es").speak("La entrada no es de pago.")

    assert [word.text for word in said.words] == ["La", "entrada", "no", "es", "de", "pago."]
    starts = [word.start_s for word in said.words]
    assert starts == sorted(starts)
    assert all(word.end_s > word.start_s for word in said.words)
    assert said.words[-1].end_s < len(said.samples) / said.rate
    # the silence before, then l, a and the space, a tenth of a second each, and the lead of the sound over its unit
    assert said.words[1].start_s - said.words[0].start_s == pytest.approx(0.3, abs=0.001)


def test_lone_marks_take_no_words_time(models_dir: Path):
    voice = KokoroVoice(folder_of(models_dir), "es")
    plain, marked = voice.speak("La entrada no es de pago."), voice.speak("La – entrada : no – es de pago.")

    lengths = {word.text: word.end_s - word.start_s for word in marked.words if word.text not in "–:"}
    assert lengths == pytest.approx({word.text: word.end_s - word.start_s for word in plain.words})
    assert [word.text for word in marked.words].count("–") == 2
    assert [word.start_s for word in marked.words] == sorted(word.start_s for word in marked.words)


def test_sentences_follow_each_other(models_dir: Path):
    voice = KokoroVoice(folder_of(models_dir), "es")

    one, two = voice.speak("La entrada."), voice.speak("La entrada. La entrada.")

    assert len(two.samples) == 2 * len(one.samples)
    assert two.words[2].start_s == pytest.approx(one.words[0].start_s + len(one.samples) / one.rate)


async def test_the_port_speaks_the_language_of_the_locale(models_dir: Path):
    speech = LocalSpeech(models_dir)

    spoken = await speech.speak(SpeechRequest("La entrada.", "es-MX", "default", 1.0))

    assert [word.text for word in spoken.words] == ["La", "entrada."]
    with pytest.raises(ProviderRefusedError, match="ef_dora"):
        await speech.speak(SpeechRequest("La entrada.", "es", "heart", 1.0))
    with pytest.raises(ProviderRefusedError, match="Spanish words"):
        await speech.speak(SpeechRequest("¿?", "es", "default", 1.0))


async def test_without_a_pack_the_way_out_is_told(tmp_path: Path):
    with pytest.raises(ProviderRefusedError, match="greenroom voices add es"):
        await LocalSpeech(tmp_path).speak(SpeechRequest("Hola.", "es", "default", 1.0))


def test_a_damaged_file_is_told(models_dir: Path):
    (folder_of(models_dir) / packs.GRAPH).write_bytes(b"damaged")

    with pytest.raises(SettingsError, match=r"model\.onnx.*greenroom voices add es"):
        KokoroVoice(folder_of(models_dir), "es")


def test_durations_that_do_not_add_up_are_never_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    models = a_pack(tmp_path, monkeypatch, a_graph(samples_per_unit=599))

    with pytest.raises(SettingsError, match="add up"):
        KokoroVoice(folder_of(models), "es").speak("La entrada.")


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("niño", "nˈiɲo"),
        ("queso", "kˈeso"),
        ("gente", "xˈente"),
        ("perro", "pˈerro"),
        ("guitarra", "ɡitˈarra"),
        ("¿Cuánto cuesta?", "¿kˈuanto kˈuesta?"),
    ],
)
def test_spanish_words_have_their_sounds_and_stress(text: str, symbols: str):
    assert phonemizer("es")(text) == symbols


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("Che bella città!", "ke bˈelːa ʧitːˈa!"),
        ("C'è", "ʧɛ"),
        ("gli gnocchi", "ʎi ɲˈokːi"),
        ("sciarpa, pesce, schiena", "ʃˈarpa, pˈeʃe, skjˈena"),
        ("giorno", "ʤˈorno"),
        ("ghiaccio", "ɡjˈaʧːo"),
        ("quattordici", "kwatːˈordiʧi"),
        ("la mia via", "la mˈia vˈia"),
        ("casa rosa, sbaglio", "kˈaza rˈoza, zbˈaʎo"),
        ("mezza pizza", "mˈeʣːa pˈiʦːa"),
        ("possono", "pˈosːono"),
    ],
)
def test_italian_is_read_by_its_rules(text: str, symbols: str):
    assert italian(text) == symbols


FRENCH = {"enfants": "ɑ̃fɑ̃", "heures": "œʁ", "hall": "al", "accueil": "akœj", "petits": "pəti", "maison": "mɛzɔ̃"}


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("les enfants", "lez ɑ̃fˈɑ̃"),
        ("Les petits enfants", "le pətˈi ɑ̃fˈɑ̃"),
        ("dix heures", "diz ˈœʁ"),
        ("neuf heures.", "nœv ˈœʁ."),
        ("dans le hall", "dɑ̃ lə ˈal"),
        ("un hall", "œ̃ ˈal"),
        ("à l'accueil", "a lakˈœj"),
        ("jusqu'à la maison,", "ʒyska la mɛzˈɔ̃,"),
        ("les, enfants", "le, ɑ̃fˈɑ̃"),
    ],
)
def test_french_has_its_liaisons_elisions_and_stress(text: str, symbols: str):
    words = {**FRENCH, "les": "le", "le": "lə", "la": "la", "dans": "dɑ̃", "un": "œ̃", "dix": "dis", "neuf": "nœf"}

    assert french(text, lambda word: words[word]) == symbols


def test_every_symbol_of_a_word_stands_in_one_piece():
    """A space in the symbols is one in the text: else a word would get the time of another."""
    text = "Qu'est-ce qu'il y a jusqu'au petit-déjeuner ?"

    assert len(french(text, lambda _word: "a").split()) == len(text.split())
    assert len(italian("C'è un'ora, dell'altro!").split()) == 3


def test_a_language_without_a_phonemizer_is_refused():
    with pytest.raises(SettingsError, match="'xx'"):
        phonemizer("xx")


def test_what_the_voice_cannot_read_is_left_out():
    assert known_symbols("¿a b?", "ab ?") == "a b?"


def test_a_long_sentence_is_cut_where_one_breathes():
    assert pieces("aaa bbb, ccc ddd", 12) == ["aaa bbb,", "ccc ddd"]
    assert pieces("aaa bbb ccc", 8) == ["aaa bbb", "ccc"]
    assert pieces("a" * 20, 8) == ["a" * 8, "a" * 8, "a" * 4]
    assert pieces("", 8) == []


def test_sentences_keep_their_signs():
    assert sentences(" ¿Qué tal? Bien. ") == ["¿Qué tal?", "Bien."]


@pytest.mark.parametrize("language", PACKS)
def test_the_packs_languages_have_phonemizers(language: str, tmp_path: Path):
    check_installed(language)
    if PACKS[language].lexicon_sha256:
        with pytest.raises(SettingsError, match=f"greenroom voices add {language}"):
            phonemizer(language, tmp_path)
    else:
        assert phonemizer(language)("no")


def test_the_graph_of_the_tests_is_one():
    onnx.checker.check_model(a_graph())
