"""What a question went through, as spans."""

from dataclasses import replace

import pytest

from app.conversation.fakes import (
    FakeClipRequester,
    FakeClips,
    FakeClock,
    FakeConnection,
    FakeDecider,
    FakeMeter,
    FakeResponder,
    FakeTurnLog,
)
from app.conversation.hub import Hub
from app.conversation.ports import Services
from app.conversation.protocol.client_messages import InputChoice
from app.conversation.script import Script, ServedRelease
from app.tracing import MemoryTracer
from tests.support.hub_house import asked, done, until
from tests.support.session_world import a_catalog, all_clips

SECRET = "Is my neighbour Ada Lovelace ill?"


@pytest.fixture(params=[False, True], ids=["clips looked up", "clips at hand"])
def clips(request) -> FakeClips:
    return all_clips(a_catalog(), at_hand=request.param)


async def talked(*questions: str, decider=None, film=None, clips=None):
    """Ask one after the other, a chip by its name in angle brackets; the spans."""
    tracer = MemoryTracer()
    film = film or FakeClipRequester()
    film.gate.set()
    decider = decider or FakeDecider({"Open?": "hours"})
    clips = clips or all_clips(a_catalog())
    services = Services(decider, clips, FakeResponder(("Hanne built it.",)), film, FakeTurnLog())
    served = ServedRelease(lambda: Script(a_catalog()), replace(services, tracer=tracer))
    async with Hub(lambda: served, clock=FakeClock(), meter=FakeMeter()) as hub:
        line = FakeConnection()
        driver = await hub.open(line, locale=None)
        for number, text in enumerate(questions, 1):
            chip = text.startswith("<") and InputChoice(type="input.choice", id=f"q{number}", intent=text[1:-1])
            driver.receive(chip or asked(text, f"q{number}"))
            await until(lambda number=number: len(done(line)) == number)
    return tracer


async def test_a_hit_is_a_question_with_its_steps(clips):
    tracer = await talked("Open?", clips=clips)

    (question,) = tracer.named("question")
    steps = [span for span in tracer.spans if span.parent == question.traceparent]
    assert [span.name for span in steps] == ["decide", "answer"]
    assert question.attributes | {"outcome": "answered", "intent": "hours", "release": "fake"} == question.attributes
    assert all(span.ended and not span.error for span in tracer.spans)


async def test_a_chip_is_a_question_with_its_answer(clips):
    tracer = await talked("<hours>", clips=clips)

    (question,) = tracer.named("question")
    (answer,) = tracer.named("answer")
    assert answer.parent == question.traceparent
    assert question.attributes | {"outcome": "answered", "intent": "hours"} == question.attributes
    assert all(span.ended and not span.error for span in tracer.spans)


async def test_a_new_answer_names_the_span_that_waits_for_its_film():
    film = FakeClipRequester()
    tracer = await talked("Who built the ship?", film=film)

    (step,) = tracer.named("film")
    assert film.traces == [step.traceparent]
    assert step.parent == tracer.named("question")[0].traceparent


async def test_what_went_wrong_is_an_error():
    tracer = await talked("Open?", decider=FakeDecider(broken=True))

    assert tracer.named("decide")[0].error == "encoder_unavailable"
    assert tracer.named("question")[0].error == "failed"


async def test_every_question_has_a_root_of_its_own():
    tracer = await talked("Open?", "Open?")

    roots = tracer.named("question")
    assert [span.parent for span in roots] == ["", ""]
    assert len({span.traceparent for span in roots}) == 2


async def test_words_of_visitors_are_in_no_span():
    tracer = await talked(SECRET)

    assert "Lovelace" not in repr(tracer.spans)
