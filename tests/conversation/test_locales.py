"""A visitor who changes the language in the middle of a conversation."""

from app.catalog.model import Card, Catalog
from app.conversation.actions import Decide, Prefetch, RequestClip, Work
from app.conversation.fakes import fake_clip, fake_decision
from app.conversation.protocol.server_messages import (
    ResponseChoices,
    ResponseDone,
    ResponseTextDone,
    SessionResumed,
    SessionUpdated,
)
from app.conversation.script import Script
from app.conversation.session_intro import SessionIntro
from app.conversation.session_limits import SessionConfig
from tests.support.session_world import SessionWorld, a_catalog, types


def test_the_conversation_goes_on_in_another_locale():
    stage = SessionWorld(_bilingual())
    stage.ask("When are you open?", "q1")
    stage.note(stage.session.decided("t1", fake_decision("answer", "hours"), stage.now))
    stage.note(stage.session.clip_found("t1", Work.ANSWER, fake_clip("We open at ten."), stage.now))

    told = stage.hear(type="session.update", id="u1", locale="de-AT")

    assert types(told) == ["session.updated", "response.choices"]
    updated = stage.told(SessionUpdated)[0]
    assert (updated.ref, updated.locale, updated.disclosure) == ("u1", "de", "Mira ist von KI erzeugt.")
    assert [chip.title for chip in updated.choices] == ["Öffnungszeiten", "Tickets"]
    assert [chip.title for chip in stage.told(ResponseChoices)[-1].choices] == ["Tickets", "Hunde"]
    stage.ask("Und sonntags?", "q2")
    assert (stage.wanted(Decide)[-1].locale, stage.wanted(Decide)[-1].previous.question) == ("de", "When are you open?")


def test_the_chips_of_an_open_turn_are_in_the_locale_that_was_chosen_meanwhile():
    stage = SessionWorld(_bilingual())
    stage.ask("When are you open?", "q1")
    stage.note(stage.session.decided("t1", fake_decision("answer", "hours"), stage.now))
    stage.hear(type="session.update", id="u1", locale="de")

    for here in (stage, stage.moved(last_seq=stage.session.outbox.seq)):
        here.note(here.session.clip_found("t1", Work.ANSWER, fake_clip("We open at ten."), here.now))

        assert [chip.title for chip in here.told(ResponseChoices)[-1].choices] == ["Tickets", "Hunde"]
        assert here.wanted(Prefetch)[-1].locale == "de"


def test_the_chips_of_a_question_in_another_language_stay_in_it():
    stage = SessionWorld(_bilingual(), SessionConfig(detects_locale=True))
    stage.ask("Wann ist das Museum offen?", "q1")
    stage.note(stage.session.decided("t1", fake_decision("answer", "hours"), stage.now))

    stage.note(stage.session.clip_found("t1", Work.ANSWER, fake_clip("Wir öffnen um zehn."), stage.now))

    assert [chip.title for chip in stage.told(ResponseChoices)[-1].choices] == ["Tickets", "Hunde"]


def test_a_locale_that_nobody_has_is_the_default_one():
    stage = SessionWorld(_bilingual())
    stage.hear(type="session.update", id="u1", locale="de")

    stage.hear(type="session.update", id="u2", locale="fi")

    assert [one.locale for one in stage.told(SessionUpdated)] == ["de", "en"]


def test_a_session_is_resumed_in_its_locale_here_and_elsewhere():
    stage = SessionWorld(_bilingual())
    stage.hear(type="session.update", id="u1", locale="de")

    stage.note(stage.session.resume("r_2", stage.now, last_seq=stage.session.outbox.seq))
    there = stage.moved(last_seq=stage.session.outbox.seq)

    for resumed in (stage.told(SessionResumed)[0], there.told(SessionResumed)[0]):
        assert (resumed.locale, resumed.locales) == ("de", ("en", "de"))
        assert resumed.avatar.disclosure == "Mira ist von KI erzeugt."
        assert [chip.title for chip in resumed.choices] == ["Öffnungszeiten", "Tickets"]


def test_an_answer_in_words_has_the_card_of_its_language():
    stage = SessionWorld(_bilingual())
    stage.hear(type="session.update", id="u1", locale="de")
    stage.ask("Wann haben Sie auf?", "q1")
    stage.note(stage.session.decided("t1", fake_decision("answer", "hours"), stage.now))

    stage.note(stage.session.clip_found("t1", Work.ANSWER, None, stage.now))

    done = stage.told(ResponseTextDone)[0]
    assert (done.text, done.card and done.card.title) == ("Wir öffnen um zehn.", "Zeiten")


def test_a_greeting_without_a_clip_is_given_in_words():
    stage = SessionWorld()

    created = stage.session.begin("r_1", stage.now, SessionIntro(fake_clip(""), None))[0].message

    assert (created.greeting, created.greeting_text) == (None, "Hello and welcome.")


def test_a_locale_that_nobody_speaks_is_answered_in_words_and_nothing_is_filmed():
    stage = SessionWorld(_bilingual())
    stage.session.use(Script(stage.catalog, unspoken=("de",)))
    stage.hear(type="session.update", id="u1", locale="de")
    stage.ask("Wann haben Sie auf?", "q1")
    stage.note(stage.session.decided("t1", fake_decision("answer", "hours"), stage.now))

    stage.note(stage.session.clip_found("t1", Work.ANSWER, None, stage.now))

    assert stage.told(ResponseTextDone)[0].text == "Wir öffnen um zehn."
    assert stage.wanted(RequestClip) == []
    assert stage.told(ResponseDone)[0].outcome == "answered"


def _bilingual() -> Catalog:
    catalog = a_catalog()
    german = {
        "hours": {
            "titles": {"de": "Öffnungszeiten"},
            "answer": {"en": ("We open at ten.",), "de": ("Wir öffnen um zehn.",)},
            "cards": {"de": Card(title="Zeiten")},
        },
        "dogs": {"titles": {"de": "Hunde"}},
    }
    disclosure = {**catalog.avatar.disclosure, "de": "Mira ist von KI erzeugt."}
    return catalog.model_copy(
        update={
            "avatar": catalog.avatar.model_copy(update={"disclosure": disclosure}),
            "intents": tuple(one.model_copy(update=german.get(one.id, {})) for one in catalog.intents),
        }
    )
