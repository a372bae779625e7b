from app.catalog.imports.gathered import Gathered
from app.catalog.imports.settle import Settled, Surroundings, settle, without_dead_chips
from app.catalog.model import Role

AROUND = Surroundings(
    "en", ("en", "de"), {"there": "x/there.yaml"}, {("en", "can i park"): "there"}, frozenset({Role.GREETING})
)


def gathered(**intents: tuple[list[str], list[str]]) -> Gathered:
    found = Gathered("a test")
    for name, (phrases, answers) in intents.items():
        intent = found.intent(name)
        for text in phrases:
            intent.ask(text)
        for text in answers:
            intent.say(text)
    return found


def settled(found: Gathered, around: Surroundings = AROUND) -> Settled:
    return settle(found, around, own_locale="en")


def test_a_phrase_leads_to_one_intent_and_the_served_one_gets_it():
    outcome = settled(gathered(draft=(["where?"], []), first=(["Where?", "so?"], ["A."]), second=(["so", "x"], ["B."])))

    assert {one.id: one.content.get("phrases") for one in outcome.drafts} == {
        "draft": None,
        "first": {"en": ["Where?", "so?"]},
        "second": {"en": ["x"]},
    }
    assert [(one.where, one.what) for one in outcome.left] == [("second", "so"), ("draft", "where?")]


def test_what_the_catalog_has_stays():
    outcome = settled(gathered(there=(["new"], ["A."]), other=(["Can I park?", "b"], ["B."])))

    assert outcome.kept == (("there", "x/there.yaml"),)
    assert [one.id for one in outcome.drafts] == ["other"]
    assert outcome.drafts[0].content["phrases"] == {"en": ["b"]}


def test_texts_of_a_language_that_is_not_served_are_counted():
    found = gathered(a=(["q"], ["A."]))
    found.intents["a"].ask("q fr", "fr")
    found.intents["a"].say("A at.", "de-AT")

    outcome = settled(found)

    assert outcome.drafts[0].content["answer"] == {"en": ["A."], "de": ["A at."]}
    assert outcome.left[-1].what == "1 text in `fr`"


def test_what_a_program_fills_is_not_said():
    outcome = settled(gathered(a=(["q", "in {city}?"], ["Hello {name}.", "Hello."]), b=(["r"], ["$x"])))

    assert outcome.drafts[0].content["answer"] == {"en": ["Hello."]}
    assert outcome.drafts[1].held == ["there is no answer in `en`"]
    assert {one.what for one in outcome.left} == {"in {city}?", "Hello {name}.", "$x"}


def test_a_role_that_is_played_is_held_and_a_free_one_is_taken():
    found = gathered(hello=([], ["Hi."]), lost=([], ["Pardon?"]))
    found.intents["hello"].role, found.intents["lost"].role = Role.GREETING, Role.UNCLEAR

    hello, lost = settled(found).drafts

    assert (hello.file, hello.held) == ("imported/hello.yaml", ["another intent plays `greeting`"])
    assert (lost.file, lost.held) == ("roles/unclear.yaml", [])


def test_links_go_to_the_card_and_addresses_that_would_be_read_out_are_named():
    outcome = settled(gathered(a=(["q"], ["Book [here](https://x.org/a) or see https://x.org/b"])))

    assert outcome.drafts[0].content["card"] == {"title": "A", "url": "https://x.org/a"}
    assert {one.what for one in outcome.left} == {
        "Markdown in the answer in `en`",
        "the link https://x.org/b",
        "nothing, but read the answer",
    }


def test_chips_lead_to_what_is_served():
    found = gathered(a=(["q"], ["A."]), b=(["r"], ["B."]), c=(["s"], []))
    found.intents["a"].next = ["b", "c", "there", "nowhere"]

    outcome = settled(found)
    without_dead_chips(outcome.drafts)

    assert outcome.drafts[0].content["next"] == ["b", "there"]
    assert outcome.left[-1].what == "the chip to `nowhere`"


def test_two_names_with_one_id_get_two():
    found = gathered()
    for name in ("Park?", "park!"):
        found.intent(name).ask(name + " now")
        found.intent(name).say(name)

    assert [one.id for one in settled(found).drafts] == ["park", "park-2"]
