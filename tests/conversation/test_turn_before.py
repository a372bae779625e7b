"""What a session remembers of the turn before: its intent, its chips, its last words."""

import pytest

from app.conversation.actions import Decide, FindClip, RequestClip, Work
from app.conversation.fakes import fake_clip, fake_decision
from app.conversation.protocol.server_messages import ResponseChoices, ResponseClip, ResponseDone, ResponseTextDone
from app.matching.decision import Decision
from tests.support.session_world import SessionWorld


def replied(kind: str, outcome: str = "miss", *intents: str) -> Decision:
    """A decision about words that are no question."""
    decision = fake_decision(outcome, *intents)
    return decision.model_copy(
        update={"receipt": decision.receipt.model_copy(update={"stage": "reply", "reply": kind})}
    )


def play(stage: SessionWorld, number: int, question: str, decision: Decision, text: str = "We open at ten.") -> None:
    """Ask a question and play its clip."""
    stage.ask(question, f"q{number}")
    turn = f"t{number}"
    stage.note(stage.session.decided(turn, decision, stage.now))
    for work in (Work.ANSWER, Work.EXCUSE):
        stage.note(stage.session.clip_found(turn, work, fake_clip(text), stage.now))


def test_the_next_question_is_decided_with_the_intent_that_was_just_answered():
    stage = SessionWorld()
    play(stage, 1, "When are you open?", fake_decision("answer", "hours"))
    stage.ask("And on Sundays?", "q2")

    before = stage.wanted(Decide)[-1].previous
    assert (before.question, before.intent, before.repeated) == ("When are you open?", "hours", False)


def test_a_chip_counts_as_its_intent_and_a_generated_answer_as_none():
    stage = SessionWorld()
    stage.hear(type="input.choice", id="q1", intent="dogs")
    stage.note(stage.session.clip_found("t1", Work.ANSWER, fake_clip("Dogs wait at the door."), stage.now))
    stage.ask("Who built the tower?", "q2")
    assert stage.wanted(Decide)[-1].previous.intent == "dogs"

    stage.note(stage.session.decided("t2", fake_decision("miss"), stage.now))
    stage.note(stage.session.words("t2", "An owl did.", stage.now))
    stage.note(stage.session.words_ended("t2", stage.now))
    stage.note(stage.session.filmed("t2", fake_clip("An owl did."), stage.now))
    stage.ask("And when?", "q3")
    assert stage.wanted(Decide)[-1].previous.intent is None


def test_the_same_question_again_may_play_the_same_clip():
    stage = SessionWorld()
    play(stage, 1, "When are you open?", fake_decision("answer", "hours"))
    stage.ask("When are you open?", "q2")

    assert stage.wanted(Decide)[-1].previous.repeated


def test_the_chips_of_a_did_you_mean_are_passed_on_once():
    stage = SessionWorld()
    play(stage, 1, "Open dogs", fake_decision("clarify", "hours", "dogs"), "I do not know that one.")
    stage.ask("yes", "q2")
    assert stage.wanted(Decide)[-1].previous.offered == ("hours", "dogs")

    stage.note(stage.session.decided("t2", fake_decision("answer", "hours"), stage.now))
    stage.note(stage.session.clip_found("t2", Work.ANSWER, fake_clip("We open at ten."), stage.now))
    stage.ask("ok", "q3")
    assert stage.wanted(Decide)[-1].previous.offered == ()


def test_what_was_said_last_is_said_again_with_the_same_variant():
    stage = SessionWorld()
    play(stage, 1, "When are you open?", fake_decision("answer", "hours"))
    first = stage.wanted(FindClip)[-1]
    stage.ask("Could you repeat that?", "q2")
    stage.note(stage.session.decided("t2", replied("repeat", "answer", "hours"), stage.now))

    again = stage.wanted(FindClip)[-1]
    assert (again.intent, again.variant) == (first.intent, first.variant)
    stage.note(stage.session.clip_found("t2", Work.ANSWER, fake_clip("We open at ten."), stage.now))
    assert stage.told(ResponseDone)[-1].outcome == "answered"


def test_a_clip_made_for_one_question_is_played_again_too():
    stage = SessionWorld()
    stage.ask("Who built the tower?", "q1")
    stage.note(stage.session.decided("t1", fake_decision("miss"), stage.now))
    stage.note(stage.session.words("t1", "An owl did.", stage.now))
    stage.note(stage.session.words_ended("t1", stage.now))
    stage.note(stage.session.filmed("t1", fake_clip("An owl did."), stage.now))
    stage.ask("What did you just say?", "q2")
    stage.note(stage.session.decided("t2", replied("repeat"), stage.now))

    wanted = stage.wanted(RequestClip)[-1]
    assert (wanted.turn, wanted.text) == ("t2", "An owl did."), "from the store, which knows of withdrawn consent"
    assert stage.told(ResponseTextDone)[-1].text == "An owl did."

    stage.note(stage.session.filmed("t2", fake_clip("An owl did."), stage.now))
    clip = stage.told(ResponseClip)[-1]
    assert (clip.turn, clip.text, clip.source) == ("t2", "An owl did.", "generated")


def test_before_any_question_the_greeting_is_said_again():
    stage = SessionWorld()
    stage.ask("Pardon?", "q1")
    stage.note(stage.session.decided("t1", replied("repeat"), stage.now))

    assert stage.wanted(FindClip)[-1].intent == "greeting"


@pytest.mark.parametrize("kind", ["ok", "thanks", "yes", "no"])
def test_a_reply_without_an_intent_is_acknowledged_in_words(kind):
    stage = SessionWorld()
    play(stage, 1, "When are you open?", fake_decision("answer", "hours"))
    stage.ask(kind, "q2")
    stage.note(stage.session.decided("t2", replied(kind), stage.now))

    assert stage.told(ResponseTextDone)[-1].turn == "t2"
    assert stage.told(ResponseDone)[-1].outcome == "answered"
    assert [one.intent for one in stage.told(ResponseChoices)[-1].choices]


def test_what_is_remembered_moves_with_the_session():
    stage = SessionWorld()
    play(stage, 1, "When are you open?", fake_decision("answer", "hours"))
    other = stage.moved(last_seq=stage.session.outbox.seq)
    other.ask("Could you repeat that?", "q2")

    assert other.wanted(Decide)[-1].previous.intent == "hours"
    turn = other.wanted(Decide)[-1].turn
    other.note(other.session.decided(turn, replied("repeat", "answer", "hours"), other.now))
    assert other.wanted(FindClip)[-1].variant == stage.wanted(FindClip)[-1].variant
