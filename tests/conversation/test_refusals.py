"""Refusals in a row: other words each time, chips near the question, and then a way to a person."""

import itertools

import pytest

from app.catalog.model import Card, Role
from app.conversation.actions import FindClip, Work
from app.conversation.fakes import fake_clip, fake_decision
from app.conversation.protocol.server_messages import (
    ResponseChoices,
    ResponseClip,
    ResponseDone,
    ResponseHandover,
    ResponseTextDone,
)
from app.matching.decision import Candidate, Decision
from tests.support.session_world import INTENTS, ROLES, SessionWorld, a_catalog, an_intent

UNCLEAR = ("I do not know.", "Not in my books.", "Say it in other words.", "I would rather say nothing.")
PERSON = an_intent("person", "Ring the bell.", role=Role.HANDOVER, card=Card(title="A person", body="Ring 5"))


def a_stage(*, handover: bool = True, unclear: tuple[str, ...] = UNCLEAR) -> SessionWorld:
    """A desk with several ways to refuse, and a person behind it."""
    kept = [one for one in INTENTS if one.id != "unclear"]
    added = [an_intent("unclear", *unclear, role=Role.UNCLEAR), *([PERSON] if handover else [])]
    roles = {**ROLES, **({Role.HANDOVER: ("person",)} if handover else {})}
    return SessionWorld(a_catalog(intents=(*kept, *added), roles=roles))


def a_miss(**nearest: float) -> Decision:
    """A miss whose candidates have these cosines."""
    decision = fake_decision("miss")
    candidates = tuple(Candidate(intent=name, score=score, phrase=name) for name, score in nearest.items())
    return decision.model_copy(update={"receipt": decision.receipt.model_copy(update={"candidates": candidates})})


def refuse(stage: SessionWorld, number: int, decision: Decision | None = None, *, filmed: bool = True) -> str:
    """Ask what nothing answers; return the words of the refusal."""
    stage.ask(f"Question {number}?", f"q{number}")
    turn = stage.session.open_turn
    assert turn
    stage.note(stage.session.decided(turn.id, decision or a_miss(), stage.now))
    stage.note(stage.session.words_ended(turn.id, stage.now))
    look = stage.wanted(FindClip)[-1]
    words = stage.session._script.words(look.intent, locale="en", variant=look.variant)
    clip = fake_clip(words) if filmed else None
    stage.note(stage.session.clip_found(turn.id, Work.EXCUSE, clip, stage.now))
    return stage.told(ResponseClip)[-1].text if filmed else stage.told(ResponseTextDone)[-1].text


@pytest.mark.parametrize("filmed", [True, False])
def test_no_refusal_comes_twice_in_a_row(filmed):
    stage = a_stage()

    said = [refuse(stage, number, filmed=filmed) for number in range(9)]

    assert all(one != after for one, after in itertools.pairwise(said))
    assert set(said) > set(UNCLEAR[:2])


def test_nor_across_roles_or_another_node():
    stage = a_stage(unclear=("Something broke behind me.", "I do not know."))
    stage.ask("Broken?", "q0")
    stage.note(stage.session.failed("t1", Work.DECIDE, None, stage.now))
    stage.note(stage.session.clip_found("t1", Work.EXCUSE, fake_clip("Something broke behind me."), stage.now))
    moved = stage.moved(last_seq=stage.session.outbox.seq)

    assert refuse(moved, 1) == "I do not know."


def test_a_variant_that_is_not_filmed_comes_in_words_and_not_as_the_clip_before():
    stage = a_stage()
    first = refuse(stage, 1)
    stage.ask("Question 2?", "q2")
    stage.note(stage.session.decided("t2", a_miss(), stage.now))
    stage.note(stage.session.words_ended("t2", stage.now))
    stage.note(stage.session.clip_found("t2", Work.EXCUSE, fake_clip(first), stage.now))

    assert len(stage.told(ResponseClip)) == 1
    assert stage.told(ResponseTextDone)[-1].text != first


def test_the_chips_are_those_nearest_to_the_question_and_else_the_authors():
    stage = a_stage()
    refuse(stage, 1, a_miss(tickets=0.4, dogs=0.6, goodbye=0.9, hours=0.1))
    near = stage.told(ResponseChoices)[-1]
    refuse(stage, 2, a_miss(tickets=0.2))
    far = stage.told(ResponseChoices)[-1]

    assert [one.intent for one in near.choices] == ["dogs", "tickets"]
    assert [one.intent for one in far.choices] == ["hours", "tickets"]


def test_the_third_refusal_in_a_row_tells_topics_and_how_to_reach_a_person():
    stage = a_stage()
    said = [refuse(stage, number) for number in (1, 2, 3)]

    assert said[2] == "Ring the bell."
    assert (stage.told(ResponseClip)[-1].role, stage.told(ResponseClip)[-1].intent) == ("handover", "person")
    [event] = stage.told(ResponseHandover)
    assert (event.turn, event.card and event.card.title) == ("t3", "A person")
    assert [one.intent for one in stage.told(ResponseChoices)[-1].choices] == ["tickets"]
    assert stage.told(ResponseDone)[-1].outcome == "missed"


def test_an_answer_in_between_begins_the_count_anew():
    stage = a_stage()
    refuse(stage, 1)
    refuse(stage, 2)
    stage.ask("When are you open?", "q3")
    stage.note(stage.session.decided("t3", fake_decision("answer", "hours"), stage.now))
    stage.note(stage.session.clip_found("t3", Work.ANSWER, fake_clip("We open at ten."), stage.now))
    refuse(stage, 4)

    assert stage.told(ResponseHandover) == []


def test_a_catalog_without_the_role_refuses_as_ever_and_still_tells_the_page():
    stage = a_stage(handover=False)
    said = [refuse(stage, number) for number in (1, 2, 3)]

    assert set(said) <= set(UNCLEAR)
    assert [event.card for event in stage.told(ResponseHandover)] == [None]
