"""Spoken questions over HTTP: who may send which sound, how much of it, and what comes back."""

import asyncio
import io
import logging
import wave
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.author_errors import SpeechBusyError
from app.conversation.fakes import FakeQuestionRecogniser
from app.conversation.visitor_speech.recognition import WAITING_EACH, RecognitionQueue
from app.conversation.visitor_speech.sound import MAX_SOUND_BYTES, MAX_SPEECH_S, SpokenQuestion
from app.runtime.settings.site import WebSettings
from app.runtime.wiring.answer_switch import AnswerSwitch
from app.web.app import create_app
from app.web.speech_input.listen import SESSION_RATE
from tests.support.chat_client import ChatClient
from tests.support.fake_web import FakeContainer, serving

SHOP = {"origin": "https://shop.example"}


def wav(seconds: float = 1.0, *, rate: int = 16_000, channels: int = 1, width: int = 2) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(int(seconds * rate) * channels * width))
    return out.getvalue()


@pytest.fixture
def recogniser() -> FakeQuestionRecogniser:
    return FakeQuestionRecogniser()


@pytest.fixture
def container() -> FakeContainer:
    return FakeContainer(web=WebSettings(secret="x" * 32, allowed_origins=("https://shop.example",)))


@pytest.fixture
def client(container, recogniser):
    app = create_app(container, speech=RecognitionQueue(recogniser, at_once=1))
    with TestClient(app, client=("203.0.113.7", 5000)) as client:
        yield client


def token(client: TestClient, **headers: str) -> str:
    return client.post("/v1/sessions", headers=headers).json()["token"]


def send(client: TestClient, body: bytes, **more: Any) -> Any:
    headers = {"authorization": f"Bearer {more.pop('shown', None) or token(client, **SHOP)}", **SHOP}
    headers |= {"content-type": "audio/wav"} | more.pop("headers", {})
    if session := more.pop("session", ""):
        headers["greenroom-session"] = session
    return client.post("/v1/listen", content=body, headers=headers, params=more)


def test_a_sound_comes_back_as_words(client, recogniser):
    answer = send(client, wav(1.5), locale="de-CH", session="s_1")

    assert answer.status_code == 200
    assert answer.json() == {
        "text": "Open?",
        "locale": "de-CH",
        "confidence": 0.9,
        "speech_s": 1.5,
        "silence_s": 0.0,
        "took_s": 0.0,
    }
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["cache-control"] == "no-store"
    assert recogniser.asked == [(1.5, "de")]


@pytest.mark.parametrize("hears", [True, False])
async def test_the_session_says_how_long_a_question_may_be(container, recogniser, hears):
    speech = RecognitionQueue(recogniser, at_once=1) if hears else None

    async with serving(container, speech=speech) as url, ChatClient(url) as chat:
        assert chat.session["limits"]["speech_s"] == (MAX_SPEECH_S if hears else 0)


def test_a_site_without_ears_says_so(container):
    with TestClient(create_app(container), client=("203.0.113.7", 5000)) as client:
        answer = send(client, wav())

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "GREENROOM_SPEECH_SEATS" in answer.json()["detail"]


def test_a_token_is_good_for_one_sound_of_its_page(client, recogniser):
    shown = token(client, **SHOP)

    answers = [send(client, wav(), shown=shown) for _ in range(2)]
    forged = send(client, wav(), shown="forged")

    assert [answer.status_code for answer in answers] == [200, 401]
    assert forged.json()["code"] == "not_authorised"
    assert len(recogniser.asked) == 1


def test_a_page_that_is_not_on_the_list_is_refused_and_can_read_why(client, recogniser):
    answer = send(client, wav(), shown="any", headers={"origin": "https://evil.example"})

    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    assert answer.headers["access-control-allow-origin"] == "https://evil.example"
    assert recogniser.asked == []


def test_a_browser_may_ask_first(client):
    answer = client.options("/v1/listen", headers=SHOP)

    assert answer.status_code == 204
    assert {"authorization", "greenroom-session"} <= set(answer.headers["access-control-allow-headers"].split(", "))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"RIFF",
        b"not a sound at all, but long enough to be one" * 10,
        wav()[:30],
        wav(0),
        wav(rate=48_000),
        wav(channels=2),
        wav(width=1),
        wav(MAX_SPEECH_S + 0.1),
    ],
)
def test_another_form_of_sound_is_refused(client, recogniser, body):
    answer = send(client, body)

    assert (answer.status_code, answer.json()["code"]) == (422, "media_invalid")
    assert recogniser.asked == []


def test_the_longest_question_fits_and_a_longer_body_does_not(client):
    assert send(client, wav(MAX_SPEECH_S)).status_code == 200
    assert send(client, bytes(MAX_SOUND_BYTES + 1)).status_code == 413


def test_a_language_that_the_recogniser_does_not_know_is_refused(client):
    answer = send(client, wav(), locale="tlh")

    assert (answer.status_code, answer.json()["code"]) == (422, "media_invalid")


def test_a_session_is_counted(client):
    codes = [send(client, wav(0.1), session="s_1").status_code for _ in range(SESSION_RATE.burst + 1)]
    other = send(client, wav(0.1), session="s_2")

    assert codes == [200] * SESSION_RATE.burst + [429]
    assert other.status_code == 200


def test_an_address_is_counted(client, container):
    answers = [send(client, wav(0.1), shown="forged") for _ in range(61)]

    assert {answer.status_code for answer in answers[:60]} == {401}
    assert (answers[60].status_code, answers[60].json()["code"]) == (429, "rate_limited")
    assert int(answers[60].headers["retry-after"]) >= 1


async def test_while_new_answers_are_paused_nobody_is_heard(container, client, recogniser):
    await AnswerSwitch(container.audit).turn(on=False, actor="ada", at=container.clock.now())

    answer = send(client, wav())

    assert (answer.status_code, answer.json()["code"]) == (503, "speech_busy")
    assert answer.headers["retry-after"] == "60"
    assert recogniser.asked == []


def test_ears_that_cannot_be_loaded_say_so_and_are_not_tried_again(container, recogniser):
    tries = []

    async def load() -> None:
        tries.append(1)
        raise RuntimeError("the model is of another version")

    recogniser.load = load
    with TestClient(
        create_app(container, speech=RecognitionQueue(recogniser, at_once=1)), client=("203.0.113.7", 5000)
    ) as client:
        answers = [send(client, wav()) for _ in range(2)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(503, "speech_unavailable")] * 2
    assert "version" not in answers[0].text
    assert recogniser.asked == []
    assert len(tries) == 1


def test_a_sound_waits_until_the_languages_are_known(container, recogniser):
    known, recogniser.languages = recogniser.languages, frozenset()

    async def load() -> None:
        recogniser.languages = known

    recogniser.load = load
    with TestClient(
        create_app(container, speech=RecognitionQueue(recogniser, at_once=1)), client=("203.0.113.7", 5000)
    ) as client:
        recogniser.languages = frozenset()

        assert send(client, wav()).status_code == 200


async def test_more_than_may_wait_are_refused_at_once_and_the_others_are_heard(recogniser):
    queue = RecognitionQueue(recogniser, at_once=2)
    recogniser.gate.clear()
    question = SpokenQuestion(bytes(3200))
    inside = [asyncio.create_task(queue.recognise(question, "en")) for _ in range(2 * (1 + WAITING_EACH))]
    await asyncio.sleep(0)

    with pytest.raises(SpeechBusyError) as refused:
        await queue.recognise(question, "en")
    at_work = len(recogniser.asked)
    recogniser.gate.set()
    heard = await asyncio.gather(*inside)

    assert at_work == 2
    assert len(heard) == 6
    assert refused.value.retry_after_s > 0
    assert (await queue.recognise(question, "en")).text == "Open?"


def test_no_log_has_the_words_or_the_session(client, caplog):
    with caplog.at_level(logging.DEBUG):
        answer = send(client, wav(), session="s_secret")

    logged = caplog.text + str([vars(record) for record in caplog.records])
    assert answer.json()["text"] == "Open?"
    assert "/v1/listen" in logged
    assert "Open?" not in logged
    assert "s_secret" not in logged


def test_an_address_with_a_session_is_not_counted_for_it(client):
    """The session stands in a header: who still writes it into the query is counted by address alone."""
    answers = [
        client.post(
            "/v1/listen?session=s_1",
            content=wav(0.1),
            headers={"authorization": f"Bearer {token(client, **SHOP)}", **SHOP},
        )
        for _ in range(SESSION_RATE.burst + 1)
    ]

    assert {answer.status_code for answer in answers} == {200}
