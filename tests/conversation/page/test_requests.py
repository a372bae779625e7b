"""What a session shares with the page: values, functions, forms, people."""

from typing import Any

import pytest

from app.catalog.card import Card, FormField, PageCall
from app.catalog.fallback_and_budget import Fallback
from app.conversation.actions import FindClip, PostToSite, RecordTurn, RequestClip, Respond, Work
from app.conversation.fakes import fake_clip, fake_decision
from app.conversation.page.requests import MOST_REQUESTS, checked
from app.conversation.ports import NamedIntent
from app.conversation.protocol.server_messages import (
    ErrorMessage,
    InputAccepted,
    RequestAccepted,
    ResponseCall,
    ResponseTextDone,
    SessionGreeting,
)
from app.conversation.session_limits import SessionConfig
from app.errors import GreenroomError, StateUnavailableError
from tests.support.session_world import INTENTS, SessionWorld, a_catalog, an_intent

FORM = (
    FormField(name="mail", label="E-mail", kind="email"),
    FormField(name="size", label="Group", kind="choice", options=("small", "large")),
    FormField(name="lift", label="Lift", kind="yes", required=False),
)
PLAN = an_intent(
    "plan",
    "Hello {{ page.name | there }}, you have {{ page.plan | the free plan }}.",
    card=Card(title="For {{ page.name | you }}", body="**{{ page.name | you }}**", url="/of/{{ page.name | }}"),
)
ORDER = an_intent(
    "order",
    "Let me look.",
    call=PageCall(
        function="order_status", arguments={"order": "{{ page.order | }}"}, ask={"en": "May I?"}, then="told"
    ),
)
TOLD = an_intent("told", "It is {{ page.order_status | lost }}.")
VISIT = an_intent(
    "visit",
    "And this.",
    card=Card(
        kind="form", title="Visit", form=(FormField(name="size", label="Group", kind="choice", options=("small",)),)
    ),
    cards={
        "de": Card(
            kind="form",
            title="Besuch",
            form=(FormField(name="size", label="Gruppe", kind="choice", options=("klein",)),),
        )
    },
)
BOOK = an_intent("book", "Fill this in.", card=Card(kind="form", title="Book", form=FORM))


def a_world(fallback: Fallback | None = None, **config: Any) -> SessionWorld:
    catalog = a_catalog(intents=(*INTENTS, PLAN, ORDER, TOLD, BOOK, VISIT), fallback=fallback or Fallback())
    return SessionWorld(catalog, SessionConfig(**config))


def choose(world: SessionWorld, intent: str, ref: str = "q1") -> None:
    world.hear(type="input.choice", id=ref, intent=intent)
    for action in list(world.done):
        if isinstance(action, FindClip) and action.turn == world.session._turn.id:  # type: ignore[union-attr]
            world.note(world.session.clip_found(action.turn, Work.ANSWER, fake_clip("Let me look."), world.now))


def sent(world: SessionWorld, kind: type) -> list[Any]:
    return [one.message for one in world.done if hasattr(one, "message") and isinstance(one.message, kind)]


def test_values_stand_in_words_and_card_and_the_answer_is_never_filmed():
    world = a_world()
    world.hear(type="session.context", id="c", values={"name": "*Ada* [x](http://e)/", "plan": 3})

    choose(world, "plan")

    [told] = sent(world, ResponseTextDone)
    assert told.text == "Hello *Ada* [x](http://e)/, you have 3."
    assert told.card.title == "For *Ada* [x](http://e)/"
    assert told.card.body == r"**\*Ada\* \[x\]\(http://e\)/**"
    assert told.card.url == "/of/%2AAda%2A%20%5Bx%5D%28http%3A%2F%2Fe%29%2F"
    assert not [one for one in world.done if isinstance(one, FindClip | RequestClip)]


def test_without_values_the_other_words_are_told():
    world = a_world()

    choose(world, "plan")

    assert sent(world, ResponseTextDone)[0].text == "Hello there, you have the free plan."


@pytest.mark.parametrize(
    ("may_log", "said"),
    [(False, "Hello {{ page.name }}, you have the free plan."), (True, "Hello Ada, you have the free plan.")],
)
def test_the_log_has_values_only_if_it_may(may_log, said):
    world = a_world(logs_context=may_log)
    world.hear(type="session.context", id="c", values={"name": "Ada"})

    choose(world, "plan")

    assert [one.said for one in world.done if isinstance(one, RecordTurn)] == [said]


def test_values_move_to_another_node():
    world = a_world()
    world.hear(type="session.context", id="c", values={"name": "Ada"})

    other = world.moved(last_seq=world.session.outbox.seq)
    choose(other, "plan")

    assert sent(other, ResponseTextDone)[0].text.startswith("Hello Ada,")


def test_a_function_is_called_and_its_result_answered():
    world = a_world()
    world.hear(type="session.context", id="c", values={"order": "A7"})
    choose(world, "order")
    [call] = sent(world, ResponseCall)
    assert (call.function, call.arguments, call.ask) == ("order_status", {"order": "A7"}, "May I?")

    result = {"type": "call.result", "id": "r1", "call": call.call, "outcome": "done", "text": "on its way"}
    world.hear(**result)
    world.hear(**result)

    assert [one.ref for one in sent(world, RequestAccepted)] == ["r1", "r1"]
    assert [one.ref for one in sent(world, InputAccepted)] == ["q1", "r1"]
    assert sent(world, ResponseTextDone)[-1].text == "It is on its way."


def asked_in_vain(world: SessionWorld) -> Respond:
    """Ask what no intent answers."""
    world.hear(type="input.text", id="q1", text="Where is it?")
    turn = world.session._turn.id  # type: ignore[union-attr]
    world.note(world.session.decided(turn, fake_decision("miss"), world.now))
    return next(one for one in world.done if isinstance(one, Respond))


def test_a_responder_knows_only_the_values_that_the_catalog_names():
    world = a_world(Fallback(responder="chat", context=("plan", "visits")))
    world.hear(type="session.context", id="c", values={"name": "Ada", "plan": "gold"})

    assert asked_in_vain(world).page == {"plan": "gold"}


def test_a_responder_names_an_intent_whose_function_is_called():
    world = a_world(Fallback(responder="chat", calls=("order",)))
    turn = asked_in_vain(world).turn

    world.note(world.session.words(turn, NamedIntent("order"), world.now))
    world.note(world.session.words_ended(turn, world.now))
    world.note(world.session.clip_found(turn, Work.ANSWER, fake_clip("Let me look."), world.now))

    assert [one.function for one in sent(world, ResponseCall)] == ["order_status"]
    assert [one.outcome for one in world.done if isinstance(one, RecordTurn)] == ["answered"]


@pytest.mark.parametrize("named", ["hours", "no-such"])
def test_a_responder_names_no_intent_without_a_function(named):
    world = a_world(Fallback(responder="chat"))
    turn = asked_in_vain(world).turn

    world.note(world.session.words(turn, NamedIntent(named), world.now))

    assert not [one for one in world.done if isinstance(one, FindClip) and one.work is Work.ANSWER]


@pytest.mark.parametrize("outcome", ["refused", "unknown", "late", "failed"])
def test_a_function_that_did_not_run_is_not_answered(outcome):
    world = a_world()
    choose(world, "order")

    world.hear(type="call.result", id="r1", call=sent(world, ResponseCall)[0].call, outcome=outcome)

    assert len(sent(world, InputAccepted)) == 1


def test_a_result_that_comes_after_another_question_is_kept_and_not_answered():
    world = a_world()
    choose(world, "order")
    choose(world, "plan", "q2")

    world.hear(type="call.result", id="r1", call=sent(world, ResponseCall)[0].call, outcome="done", text="there")

    assert len(sent(world, InputAccepted)) == 2
    choose(world, "told", "q3")
    assert sent(world, ResponseTextDone)[-1].text == "It is there."


def test_a_result_stays_when_the_page_tells_other_values_and_is_cleaned_as_they_are():
    world = a_world()
    choose(world, "order")
    text = "on its\u202e way\n" + "x" * 300
    world.hear(type="call.result", id="r1", call=sent(world, ResponseCall)[0].call, outcome="done", text=text)

    world.hear(type="session.context", id="c", values={"name": "Ada"})
    choose(world, "told", "q2")

    told = ("on its  way " + "x" * 300)[:200]
    assert sent(world, ResponseTextDone)[-1].text == f"It is {told}."
    assert world.moved(last_seq=world.session.outbox.seq).session._visit.memory.values["name"] == "Ada"


def test_a_call_that_was_not_made_is_refused():
    world = a_world()

    world.hear(type="call.result", id="r1", call="c_1", outcome="done")

    assert [(one.code, one.ref) for one in sent(world, ErrorMessage)] == [("request_unknown", "r1")]


def test_a_form_is_checked_and_delivered_once():
    world = a_world()
    choose(world, "book")
    answer = {"type": "input.form", "id": "f1", "turn": "t1"}
    world.hear(**answer, values={"mail": "nowhere", "size": "huge"})
    [wrong] = sent(world, ErrorMessage)
    assert (wrong.code, wrong.ref, wrong.fields) == ("form_invalid", "f1", ("mail", "size"))

    good = {"mail": "a@b.example", "size": "small", "more": "x"}
    world.hear(**answer, values=good)
    world.hear(**answer, values=good)
    assert not sent(world, RequestAccepted)
    world.note(world.session.page.posted("f1", None, world.now))
    world.hear(**answer, values=good)

    [delivery] = [one for one in world.done if isinstance(one, PostToSite)]
    assert (delivery.kind, delivery.ref) == ("form.answered", "f1")
    assert delivery.told["values"] == {"mail": "a@b.example", "size": "small", "lift": ""}
    assert [one.ref for one in sent(world, RequestAccepted)] == ["f1", "f1"]


@pytest.mark.parametrize("error", [StateUnavailableError("The disk is full."), GreenroomError("It broke.")])
def test_a_form_that_was_not_stored_is_refused_and_may_be_sent_again(error):
    world = a_world()
    choose(world, "book")
    answer = {"type": "input.form", "id": "f1", "turn": "t1", "values": {"mail": "a@b.example", "size": "small"}}

    for _ in range(MOST_REQUESTS):
        world.hear(**answer)
        world.note(world.session.page.posted("f1", error, world.now))
    told = sent(world, ErrorMessage)
    assert {(one.code, one.ref, one.retryable) for one in told} == {("state_unavailable", "f1", True)}
    assert not sent(world, RequestAccepted)

    world.hear(**answer)
    world.note(world.session.page.posted("f1", None, world.now))
    assert len([one for one in world.done if isinstance(one, PostToSite)]) == MOST_REQUESTS + 1
    assert [one.ref for one in sent(world, RequestAccepted)] == ["f1"]


def test_a_form_is_checked_in_the_language_that_it_was_shown_in():
    world = a_world()
    choose(world, "visit")
    world.hear(type="session.update", id="u", locale="de")

    world.hear(type="input.form", id="f1", turn="t1", values={"size": "small"})

    [delivery] = [one for one in world.done if isinstance(one, PostToSite)]
    assert (delivery.told["values"], delivery.told["locale"]) == ({"size": "small"}, "en")


def test_a_form_that_was_not_shown_is_refused():
    world = a_world()

    world.hear(type="input.form", id="f1", turn="t1", values={})

    assert [one.code for one in sent(world, ErrorMessage)] == ["request_unknown"]
    assert not [one for one in world.done if isinstance(one, PostToSite)]


def test_a_person_gets_the_transcript_only_if_it_was_sent():
    world = a_world()
    line = {"who": "visitor", "text": "Hello"}

    world.hear(type="handover.request", id="h1", reach="555")
    world.hear(type="handover.request", id="h2", transcript=[line])
    world.hear(type="handover.request", id="h3", transcript=[{"who": "visitor", "text": "x" * 2001}] * 2)

    first, second = [one.told for one in world.done if isinstance(one, PostToSite)]
    assert (first["reach"], "transcript" in first, second["transcript"]) == ("555", False, [line])
    assert [one.ref for one in sent(world, ErrorMessage)] == ["h3"]


def test_the_greeting_follows_a_language_that_is_chosen_first():
    world = a_world()
    world.hear(type="session.update", id="u", locale="de")
    search = world.done[-1]
    assert isinstance(search, FindClip)
    assert (search.intent, search.locale, search.work) == ("greeting", "de", Work.GREETING)

    world.note(world.session.clip_found("", Work.GREETING, fake_clip("Hallo."), world.now))
    assert [(one.locale, one.text) for one in sent(world, SessionGreeting)] == [("de", "Hallo.")]
    world.ask()
    world.note(world.session.clip_found("", Work.GREETING, None, world.now))
    assert len(sent(world, SessionGreeting)) == 1


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("email", "a@b.example", "a@b"),
        ("tel", "+43 1 555-01", "call me"),
        ("number", "-1,5", "one"),
        ("date", "2026-11-30", "30.11."),
        ("yes", "yes", "no"),
        ("text", "x", " "),
    ],
)
def test_an_answer_is_of_its_kind(kind, good, bad):
    form = (FormField(name="x", label="X", kind=kind),)

    assert checked(form, {"x": good}) == {"x": good}
    with pytest.raises(Exception, match="another answer in `x`"):
        checked(form, {"x": bad})
