"""`greenroom say`: what is read, how long it lasts, when each word is heard."""

import io
import json
import wave

from tests.cli.conftest import Greenroom


def test_it_speaks_a_sentence_and_tells_its_words(greenroom: Greenroom, tmp_path):
    file = tmp_path / "hear.wav"
    told = greenroom("say", "It costs €12.50, call 030 555 0142.", "--out", str(file), "--json", site=None)

    assert told.code == 0, told.err
    said = json.loads(told.out)
    assert said["text"] == "It costs €12.50, call 030 555 0142."
    assert said["read"] == "It costs twelve euros fifty cents, call zero three zero, five five five, zero one four two."
    words = said["words"]
    assert [word["text"] for word in words] == said["text"].split()
    assert all(word["start_s"] < word["end_s"] <= said["seconds"] for word in words)
    assert [word["start_s"] for word in words] == sorted(word["start_s"] for word in words)
    with wave.open(io.BytesIO(file.read_bytes())) as sound:
        assert abs(sound.getnframes() / sound.getframerate() - said["seconds"]) < 0.01
    assert said["unsettled"] == []


def test_what_two_readings_fit_is_said(greenroom: Greenroom):
    told = greenroom("say", "Over 10.000 came.", "--json", site=None)

    assert told.code == 0, told.err
    assert json.loads(told.out)["unsettled"] == [{"text": "10.000", "readings": ["10 thousand", "10 point 000"]}]


def test_a_language_that_the_local_voice_does_not_speak(greenroom: Greenroom):
    told = greenroom("say", "Guten Tag.", "--locale", "de", "--json", site=None)

    assert told.code == 1
    assert json.loads(told.err or told.out)
