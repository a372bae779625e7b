"""Coming, going, coming back: the session as a state machine."""

import pytest

from app.conversation.actions import Close, Decide, Drop, RecordFeedback, RecordTurn, RequestClip, Respond, Work
from app.conversation.fakes import fake_clip, fake_decision
from app.conversation.protocol.client_messages import InputText
from app.conversation.protocol.rules import CloseCode
from app.conversation.protocol.server_messages import (
    ErrorMessage,
    InputAccepted,
    Pong,
    ResponseDone,
    SessionCreated,
    SessionEnding,
    SessionResumed,
    State,
)
from app.conversation.session_limits import SessionConfig
from app.errors import MessageUnknownError
from tests.support.session_world import SessionWorld, types


def test_a_new_session_says_who_speaks_and_what_can_be_asked():
    created = SessionWorld().told(SessionCreated)[0]

    assert created.seq == 1
    assert (created.session, created.resume_token, created.locale) == ("s_1", "r_1", "en")
    assert created.avatar.name == "Mira"
    assert created.avatar.disclosure == "Mira is an AI-generated presenter."
    assert created.avatar.idle is not None
    assert created.greeting is not None
    assert created.greeting.text == "Hello and welcome."
    assert [chip.intent for chip in created.choices] == ["hours", "tickets"]
    assert created.limits.text_chars == 2000


def test_a_resent_question_is_not_asked_twice():
    stage = SessionWorld()
    stage.ask(ref="q1")

    again = types(stage.ask(ref="q1"))

    assert again == ["input.accepted"]
    assert [accepted.turn for accepted in stage.told(InputAccepted)] == ["t1", "t1"]
    assert len(stage.wanted(Decide)) == 1


def test_the_question_before_goes_with_the_next_one():
    stage = SessionWorld()

    stage.ask("When are you open?", "q1")
    stage.ask("And on Sundays?", "q2")

    assert [decide.previous.question for decide in stage.wanted(Decide)] == ["", "When are you open?"]


def test_a_new_question_supersedes_the_old_one():
    stage = SessionWorld()
    stage.ask("Who built it?", "q1")
    stage.note(stage.session.decided("t1", fake_decision("miss"), stage.now))
    stage.note(stage.session.words("t1", "Somebody.", stage.now))
    stage.note(stage.session.words_ended("t1", stage.now))

    stage.ask("When?", "q2")
    late = stage.session.filmed("t1", fake_clip("Somebody."), stage.now)

    done = stage.told(ResponseDone)
    assert [(message.turn, message.outcome) for message in done] == [("t1", "cancelled")]
    assert stage.wanted(RequestClip) != []
    assert Drop("t1", Work.FILM) in stage.done
    assert late == []


def test_stop_ends_the_turn_and_what_is_made_for_it():
    stage = SessionWorld()
    stage.ask("Who built it?")
    stage.note(stage.session.decided("t1", fake_decision("miss"), stage.now))

    told = types(stage.hear(type="response.cancel", turn="t1"))

    assert told == ["response.done", "state"]
    assert Drop("t1", Work.RESPOND) in stage.done
    assert [record.outcome for record in stage.wanted(RecordTurn)] == ["cancelled"]
    assert stage.session.words("t1", "Late.", stage.now) == []


def test_stop_ends_speech_of_a_turn_that_is_done():
    stage = SessionWorld()
    stage.hear(type="input.choice", id="q1", intent="hours")
    stage.note(stage.session.clip_found("t1", Work.ANSWER, fake_clip("We open at ten."), stage.now))

    told = types(stage.hear(type="response.cancel", turn="t1"))

    assert told == ["state"]
    assert stage.told(State)[-1].value == "listening"
    assert len(stage.told(ResponseDone)) == 1


def test_stopping_a_superseded_turn_disturbs_nothing():
    stage = SessionWorld()
    stage.ask("One?", "q1")
    stage.ask("Two?", "q2")

    assert types(stage.hear(type="response.cancel", turn="t1")) == []


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "response.cancel", "turn": "t9"}, "turn_not_found"),
        ({"type": "input.choice", "id": "q1", "intent": "nothing"}, "intent_not_found"),
        ({"type": "session.start", "id": "q1", "token": "again"}, "message_invalid"),
    ],
)
def test_what_cannot_be_done_is_an_error_and_the_session_goes_on(message, code):
    stage = SessionWorld()

    told = types(stage.hear(**message))

    assert told == ["error"]
    assert stage.told(ErrorMessage)[0].code == code
    assert not stage.session.ended


def test_an_error_names_the_message_it_is_about():
    stage = SessionWorld()

    stage.note(stage.session.refuse(MessageUnknownError("No."), stage.now, ref="x7"))

    assert stage.told(ErrorMessage)[0].ref == "x7"


def test_questions_that_come_too_fast_are_turned_away_for_a_while():
    stage = SessionWorld(config=SessionConfig(questions_burst=2, questions_per_s=0.5))
    for ref in ("q1", "q2", "q3"):
        stage.ask(ref=ref)
    refused = stage.told(ErrorMessage)[0]

    stage.now += refused.retry_after_s or 0
    stage.ask(ref="q3")

    assert (refused.code, refused.ref, refused.retryable) == ("rate_limited", "q3", True)
    assert [accepted.ref for accepted in stage.told(InputAccepted)] == ["q1", "q2", "q3"]


def test_ping_is_answered():
    stage = SessionWorld()

    stage.hear(type="ping")

    assert len(stage.told(Pong)) == 1


def test_a_rating_is_handed_on():
    stage = SessionWorld()

    stage.hear(type="feedback", turn="t1", score="up", comment="Nice\x00!")

    assert stage.wanted(RecordFeedback) == [RecordFeedback("t1", "up", "Nice !")]


def test_goodbye_ends_everything():
    stage = SessionWorld()
    stage.ask()

    stage.hear(type="session.end")

    assert stage.done[-1] == Close(CloseCode.ENDED)
    assert stage.told(ResponseDone)[0].outcome == "cancelled"
    assert stage.ask(ref="q2") == []


def test_a_restart_is_announced():
    stage = SessionWorld()

    stage.note(stage.session.going_away(stage.now, after_s=5))

    assert stage.told(SessionEnding)[0].after_s == 5


def test_a_return_gets_exactly_what_was_missed():
    stage = SessionWorld()
    stage.ask()
    stage.note(stage.session.decided("t1", fake_decision("answer", "hours"), stage.now))
    stage.note(stage.session.clip_found("t1", Work.ANSWER, fake_clip("We open at ten."), stage.now))
    before = stage.sent

    again = SessionWorld.note(stage, stage.session.resume("r_2", stage.now, last_seq=3))

    resumed, *missed = (action.message for action in again)
    assert isinstance(resumed, SessionResumed)
    assert (resumed.seq, resumed.resume_token, resumed.session) == (3, "r_2", "s_1")
    assert missed == before[3:]


def test_a_return_that_missed_nothing_gets_nothing():
    stage = SessionWorld()

    again = stage.session.resume("r_2", stage.now, last_seq=1)

    assert types(again) == ["session.resumed"]


def test_a_result_that_came_while_away_is_there_on_return():
    stage = SessionWorld()
    stage.ask("Who built it?")
    stage.note(stage.session.decided("t1", fake_decision("miss"), stage.now))
    stage.note(stage.session.words("t1", "Somebody.", stage.now))
    stage.note(stage.session.words_ended("t1", stage.now))
    last = stage.sent[-1].seq
    stage.now += 200
    stage.note(stage.session.filmed("t1", fake_clip("Somebody."), stage.now))

    again = types(stage.session.resume("r_2", stage.now + 90, last_seq=last))

    assert again == ["session.resumed", "response.clip", "state", "response.done"]


def test_numbers_go_on_after_a_return():
    stage = SessionWorld()
    stage.session.resume("r_2", stage.now, last_seq=1)

    stage.ask()

    assert [message.seq for message in stage.sent] == [1, 2, 3]


@pytest.mark.parametrize("last_seq", [0, 40])
def test_a_return_after_too_many_frames_is_a_new_start(last_seq):
    stage = SessionWorld()
    for _ in range(250):
        stage.hear(type="ping")

    again = stage.session.resume("r_2", stage.now, last_seq=last_seq)

    assert again[-1] == Close(CloseCode.EXPIRED)
    assert stage.session.ended


def test_a_return_after_too_long_is_a_new_start():
    stage = SessionWorld()
    stage.ask()

    again = stage.session.resume("r_2", stage.now + 301, last_seq=2)

    assert again[-1] == Close(CloseCode.EXPIRED)


def test_a_return_from_the_future_is_a_new_start():
    stage = SessionWorld()

    again = stage.session.resume("r_2", stage.now, last_seq=99)

    assert again[-1] == Close(CloseCode.EXPIRED)


def test_acknowledged_frames_are_forgotten():
    stage = SessionWorld()
    stage.hear(type="ping")
    stage.hear(type="ack", seq=2)

    assert types(stage.session.resume("r_2", stage.now, last_seq=2)) == ["session.resumed"]
    assert stage.session.resume("r_3", stage.now, last_seq=1)[-1] == Close(CloseCode.EXPIRED)


def test_a_prefetch_of_an_older_turn_is_kept_back():
    stage = SessionWorld()
    stage.ask("One?", "q1")
    stage.ask("Two?", "q2")

    assert stage.session.prefetched("t1", [fake_clip("x")], stage.now) == []


def test_words_before_a_responder_was_asked_are_ignored():
    stage = SessionWorld()
    stage.say(InputText(type="input.text", id="q1", text="Hello?"))

    assert stage.session.words("t1", "Early.", stage.now) == []
    assert stage.wanted(Respond) == []
