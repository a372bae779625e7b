"""A visitor asks in Spanish, where it is written and nobody speaks it: every word that comes back is Spanish."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from app.runtime.settings.site import load_settings
from tests.journeys.probes import fetch, of
from tests.journeys.test_talking import PlainClient
from tests.support.sites import small_site

SPANISH = {
    "visiting/opening-hours": {
        "titles": "Horario",
        "answer": "Abrimos de diez a seis.",
        "phrases": "¿Cuándo está abierto?",
        "cards": "{title: Horario, body: De diez a seis}",
    },
    "tickets/tickets": {"titles": "Entradas", "answer": "La entrada cuesta doce euros.", "phrases": "¿Cuánto cuesta?"},
    "roles/greeting": {"titles": "Bienvenida", "answer": "Hola y bienvenida."},
    "roles/unclear": {"titles": "No entendido", "answer": "Eso no lo sé."},
}


@pytest.fixture(scope="module")
def spanish_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A small site in English and Spanish without any clip; it films nothing."""
    site = small_site(tmp_path_factory.mktemp("spanish"))
    settings = site.catalog / "catalog.yaml"
    text = settings.read_text().replace("generate: true", "generate: false")
    settings.write_text(text + "locales: [en, es]\nwritten: [es]\n")
    _translate(site.catalog)
    models, mine = site.root / "models", load_settings().models_dir.expanduser()
    models.mkdir()
    for kept in mine.iterdir() if mine.is_dir() else ():
        if kept.name != "voices":  # whoever runs this may have added Spanish
            (models / kept.name).symlink_to(kept)
    with site.node(GREENROOM_MODELS_DIR=str(models)) as node:
        yield node.address


def _translate(catalog: Path) -> None:
    for name, spanish in SPANISH.items():
        (file,) = catalog.rglob(f"{name.rpartition('/')[2]}.yaml")
        text = file.read_text()
        for key, words in spanish.items():
            line = f"{key}:\n  es: {words}\n"
            text = text.replace(f"{key}:\n", line, 1) if f"\n{key}:\n" in f"\n{text}" else text + line
        file.write_text(text)


@pytest.fixture
async def visitor(spanish_server: str) -> AsyncIterator[tuple[PlainClient, dict]]:
    kind = {"content-type": "application/json"}
    _, _, body = await asyncio.to_thread(fetch, spanish_server + "/v1/sessions", "POST", b"{}", **kind)
    async with connect(spanish_server.replace("http", "ws") + "/v1/chat", subprotocols=["greenroom.v1"]) as line:  # type: ignore[list-item]
        client = PlainClient(line)
        await client.say(type="session.start", id="a1", token=json.loads(body)["token"], locale="es-MX")
        (created,) = await client.hear("session.created")
        yield client, created


async def _answer(client: PlainClient, text: str) -> list[dict]:
    """All about a question, asked again while the server says that the locale's encoder is still loading."""
    for attempt in range(30):
        await client.say(type="input.text", id=f"q{attempt}", text=text)
        heard = await client.hear("response.done")
        if not of(heard, "error"):
            return heard
    raise AssertionError(heard)


async def test_the_session_begins_in_spanish(visitor):
    _, created = visitor

    assert (created["locale"], created["locales"]) == ("es", ["en", "es"])
    assert created["greeting_text"] == "Hola y bienvenida."
    assert {"Horario", "Entradas"} <= {chip["title"] for chip in created["choices"]}


async def test_answer_card_and_chips_are_spanish(visitor):
    client, _ = visitor

    answered = await _answer(client, "¿Cuándo está abierto?")

    (done,) = of(answered, "response.text.done")
    assert (done["text"], done["card"]["body"]) == ("Abrimos de diez a seis.", "De diez a seis")
    assert [chip["title"] for chip in of(answered, "response.choices")[0]["choices"]] == ["Entradas"]
    assert (answered[-1]["outcome"], of(answered, "response.clip")) == ("answered", [])


async def test_a_refusal_is_spanish(visitor):
    client, _ = visitor

    answered = await _answer(client, "¿Cuál es la capital de Mongolia?")

    assert of(answered, "response.text.done")[0]["text"] == "Eso no lo sé."
    assert answered[-1]["outcome"] == "missed"


async def test_the_language_is_changed_in_the_middle(visitor):
    client, _ = visitor

    await client.say(type="session.update", id="u1", locale="en")
    await client.hear("session.updated")
    answered = await _answer(client, "When are you open?")

    assert of(answered, "response.text.done")[0]["card"]["title"] == "Opening hours"
