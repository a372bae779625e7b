"""ElevenLabs and the OpenAI-compatible server beyond what their SDKs look at."""

import base64
import json

import pytest

from app.simulators.stub_video import sound
from tests.simulators.running import Running

ELEVEN = {"xi-api-key": "key"}
OPENAI = {"Authorization": "Bearer key"}
WORDS = "We open at nine, come and see us."


def speak(sim: Running, way: str = "", **body: object) -> dict:
    options = {"params": {"output_format": body.pop("output_format", "mp3_44100_128")}}
    path = f"/elevenlabs/v1/text-to-speech/voice{way}"
    return sim.http.post(path, headers=ELEVEN, json={"text": WORDS, **body}, **options)


class TestElevenLabs:
    @pytest.mark.parametrize("shape", ["mp3_22050_32", "opus_48000_64", "wav_44100", "mp3_44100_192"])
    def test_formats_are_what_they_are_called(self, sim: Running, shape):
        seconds = len(sound(speak(sim, output_format=shape).content)) / 48_000

        assert seconds == pytest.approx(
            speak(sim, "/with-timestamps").json()["alignment"]["character_end_times_seconds"][-1], abs=0.1
        )

    @pytest.mark.parametrize(("shape", "width", "rate"), [("pcm_16000", 2, 16_000), ("ulaw_8000", 1, 8_000)])
    def test_raw_formats_have_the_right_number_of_bytes(self, sim: Running, shape, width, rate):
        ends = speak(sim, "/with-timestamps").json()["alignment"]["character_end_times_seconds"]

        assert len(speak(sim, output_format=shape).content) / width / rate == pytest.approx(ends[-1], abs=0.05)

    def test_times_rise_and_cover_every_character(self, sim: Running):
        alignment = speak(sim, "/with-timestamps").json()["alignment"]
        starts, ends = alignment["character_start_times_seconds"], alignment["character_end_times_seconds"]

        assert "".join(alignment["characters"]) == WORDS
        assert len(starts) == len(ends) == len(WORDS)
        assert all(a <= b for a, b in zip(starts, ends, strict=True))
        assert starts == sorted(starts)

    def test_speed_shortens(self, sim: Running):
        fast = speak(sim, "/with-timestamps", voice_settings={"speed": 2.0}).json()["alignment"]

        slow = speak(sim, "/with-timestamps").json()["alignment"]

        last = "character_end_times_seconds"
        assert fast[last][-1] == pytest.approx(slow[last][-1] / 2, rel=0.05)

    def test_the_same_words_sound_the_same(self, sim: Running):
        assert speak(sim, output_format="pcm_16000").content == speak(sim, output_format="pcm_16000").content

    def test_chunks_join_to_the_whole(self, sim: Running):
        lines = [json.loads(line) for line in speak(sim, "/stream/with-timestamps").text.splitlines()]
        joined = b"".join(base64.b64decode(line["audio_base64"]) for line in lines)

        assert joined == base64.b64decode(speak(sim, "/with-timestamps").json()["audio_base64"])

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"text": "x" * 10_001}, 400, "max_character_limit_exceeded"),
            ({"model_id": "nothing"}, 400, "model_not_found"),
        ],
    )
    def test_refusals_carry_a_status_of_their_own(self, sim: Running, body, status, code):
        answer = speak(sim, **body)

        assert (answer.status_code, answer.json()["detail"]["status"]) == (status, code)

    def test_no_words_are_a_validation_list(self, sim: Running):
        answer = sim.http.post("/elevenlabs/v1/text-to-speech/voice", headers=ELEVEN, json={})

        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"]

    def test_no_key_is_401(self, sim: Running):
        answer = sim.http.post("/elevenlabs/v1/text-to-speech/voice", json={"text": WORDS})

        assert (answer.status_code, answer.json()["detail"]["status"]) == (401, "invalid_api_key")

    def test_characters_are_billed(self, sim: Running):
        speak(sim)

        bill = sim.bill("elevenlabs")

        assert (bill["requests"], bill["characters"], bill["amount"]) == (1, len(WORDS), "0.0033")

    def test_a_lost_answer_is_billed(self, sim: Running):
        sim.fault("elevenlabs", "truncated_json")
        answer = speak(sim, "/with-timestamps")

        assert answer.status_code == 200
        assert sim.bill("elevenlabs")["requests"] == 1


class TestOpenAI:
    @pytest.mark.parametrize("shape", ["mp3", "opus", "aac", "flac", "wav"])
    def test_formats_are_what_they_are_called(self, sim: Running, shape):
        body = {"model": "tts-1", "voice": "alloy", "input": WORDS, "response_format": shape}

        answer = sim.http.post("/openai/v1/audio/speech", headers=OPENAI, json=body)

        assert len(sound(answer.content)) > 48_000

    def test_sound_as_events(self, sim: Running):
        body = {"model": "tts-1", "voice": "alloy", "input": WORDS, "stream_format": "sse"}

        answer = sim.http.post("/openai/v1/audio/speech", headers=OPENAI, json=body)

        events = [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line]
        assert {event["type"] for event in events} == {"speech.audio.delta", "speech.audio.done"}

    def test_kokoro_tells_the_time_of_every_word(self, sim: Running):
        body = {"model": "kokoro", "voice": "af_heart", "input": WORDS, "stream": False, "response_format": "wav"}

        said = sim.http.post("/openai/dev/captioned_speech", json=body).json()

        assert [word["word"] for word in said["timestamps"]] == WORDS.split()
        seconds = len(sound(base64.b64decode(said["audio"]))) / 48_000
        assert said["timestamps"][-1]["end_time"] == pytest.approx(seconds, abs=0.1)

    def test_the_usage_chunk_has_no_choices(self, sim: Running):
        body = {
            "model": "gpt-5-mini",
            "messages": [{"role": "user", "content": "Hi"}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }

        lines = sim.http.post("/openai/v1/chat/completions", headers=OPENAI, json=body).text.split("\n\n")

        assert lines[-2] == "data: [DONE]"
        assert json.loads(lines[-3].removeprefix("data: "))["choices"] == []

    def test_a_stream_can_break_off(self, sim: Running):
        sim.fault("openai", "truncated_json")
        body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Hi"}], "stream": True}

        text = sim.http.post("/openai/v1/chat/completions", headers=OPENAI, json=body).text

        assert text.startswith("data: {")
        assert "[DONE]" not in text

    @pytest.mark.parametrize("body", [{"input": "x" * 4_097}, {"speed": 5}, {"response_format": "midi"}, {"voice": ""}])
    def test_refusals_are_error_objects(self, sim: Running, body):
        asked = {"model": "tts-1", "voice": "alloy", "input": WORDS, **body}

        answer = sim.http.post("/openai/v1/audio/speech", headers=OPENAI, json=asked)

        assert answer.status_code == 400
        assert answer.json()["error"].keys() == {"message", "type", "param", "code"}

    def test_models_tell_when_they_end(self, sim: Running):
        rows = sim.http.get("/openai/v1/models", headers=OPENAI).json()["data"]

        assert {row["id"]: row["shutdown_date"] for row in rows}["tts-1"] == "2027-01-06"
