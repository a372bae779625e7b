"""One small export of every format, parsed already: what comes, what is held back, what is named."""

import json
from typing import Any

from app.catalog.imports.botpress import gather_botpress, items_of
from app.catalog.imports.dialogflow_cx import gather_dialogflow_cx, is_cx
from app.catalog.imports.dialogflow_es import gather_dialogflow_es, gather_single, is_single
from app.catalog.imports.faq_page import gather_faq_page, is_faq_page, linked_data, page_locale
from app.catalog.imports.gathered import Gathered
from app.catalog.imports.language_understanding import gather_lu, gather_luis, is_luis
from app.catalog.imports.lex import gather_lex, is_lex
from app.catalog.imports.qna_maker import gather_qna, is_qna_table, pairs_of, pairs_of_table
from app.catalog.imports.rasa import gather_rasa, is_rasa
from app.catalog.imports.tables import columns_of, gather_rows, pairs
from app.catalog.imports.watson import gather_watson, is_watson
from app.catalog.model import Role


def named(gathered: Gathered) -> list[str]:
    return [one.what for one in gathered.left]


class TestRasa:
    def test_answers_come_by_rule_then_by_name_then_by_most_stories(self):
        nlu = [{"intent": name, "examples": f"- about {name}"} for name in ("a", "b", "c", "d")]
        responses = {f"utter_{name}": [{"text": f"{name}!"}] for name in ("x", "b", "y", "z")}
        story = {"steps": [{"intent": "c"}, {"action": "utter_y"}, {"intent": "d"}, {"action": "action_look"}]}
        other = {"steps": [{"intent": "c"}, {"action": "utter_z"}]}
        document = {
            "nlu": nlu,
            "responses": responses,
            "rules": [{"steps": [{"intent": "a"}, {"action": "utter_x"}]}],
            "stories": [story, story, other],
        }

        gathered = gather_rasa([("all.yml", document)])

        assert {name: one.answers.get("") for name, one in gathered.intents.items()} == {
            "a": ["x!"],
            "b": ["b!"],
            "c": ["y!"],
            "d": None,
        }
        assert "program" in gathered.intents["d"].held[0]

    def test_conditions_pictures_and_buttons_are_named_or_become_chips(self):
        variants = [
            {"text": "Yes.", "image": "x.png", "buttons": [{"title": "Pay", "payload": '/pay{"a": 1}'}]},
            {"text": "No.", "condition": [{"type": "slot"}]},
        ]
        gathered = gather_rasa(
            [("d.yml", {"nlu": [{"intent": "q", "examples": "- x"}], "responses": {"utter_q": variants}})]
        )

        assert gathered.intents["q"].next == ["pay"]
        assert gathered.intents["q"].answers == {"": ["Yes."]}
        assert named(gathered) == ["`image` of `utter_q`", "a variant of `utter_q`"]

    def test_other_yaml_is_none(self):
        assert not is_rasa({"replicas": 1})
        assert not is_rasa(["nlu"])
        assert is_rasa({"version": "3.1", "nlu": []})


class TestDialogflow:
    def test_es_keeps_languages_apart_and_holds_what_a_webhook_decides(self):
        intent = {
            "name": "hours",
            "webhookUsed": True,
            "responses": [{"messages": [{"type": 0, "lang": "de", "speech": "Um zehn."}]}],
        }
        gathered = gather_dialogflow_es(
            {
                "agent.json": {"language": "en", "displayName": "desk"},
                "intents/hours.json": intent,
                "intents/hours_usersays_en-us.json": [{"data": [{"text": "when "}, {"text": "open", "meta": "@x"}]}],
                "intents/hours_usersays_en.json": [{"data": [{"text": "@sys.date:date"}], "isTemplate": True}],
                "entities/day.json": {},
                "entities/day_entries_en.json": [],
            }
        )
        (hours,) = gathered.intents.values()

        assert (hours.phrases, hours.answers) == ({"en-US": ["when open"]}, {"de": ["Um zehn."]})
        assert "webhook" in hours.held[0]
        assert "the entity `day`" in named(gathered)
        assert "@sys.date:date" in named(gathered)

    def test_a_single_es_intent_holds_its_phrases_itself(self):
        one = {"name": "hi", "auto": True, "responses": [{"speech": []}], "userSays": [{"data": [{"text": "hello"}]}]}

        assert is_single(one)
        assert gather_single("hi.json", one).intents["hi"].phrases == {"": ["hello"]}

    def test_cx_finds_answers_at_flows_and_holds_what_a_page_or_condition_decides(self):
        say = lambda *texts: {"messages": [{"text": {"text": list(texts)}, "languageCode": "en"}]}  # noqa: E731
        documents = {
            "agent.json": {"displayName": "Desk", "defaultLanguageCode": "en"},
            "intents/Hours/Hours.json": {"displayName": "Hours"},
            "intents/Hours/trainingPhrases/en.json": {
                "trainingPhrases": [{"parts": [{"text": "open "}, {"text": "today", "parameterId": "d"}]}]
            },
            "intents/Pay/Pay.json": {"displayName": "Pay"},
            "intents/Default Welcome Intent/Default Welcome Intent.json": {"displayName": "Default Welcome Intent"},
            "flows/Main/Main.json": {
                "transitionRoutes": [
                    {"intent": "Hours", "triggerFulfillment": say("From ten.", "At ten.")},
                    {"intent": "Default Welcome Intent", "triggerFulfillment": say("Hello.")},
                    {"condition": "$x = 1", "triggerFulfillment": say("One.")},
                ],
                "eventHandlers": [{"event": "sys.no-match-default", "triggerFulfillment": say("Pardon?")}],
            },
            "flows/Main/pages/Till.json": {
                "transitionRoutes": [{"intent": "Pay", "triggerFulfillment": say("By card.")}]
            },
            "webhooks/w.json": {},
        }
        gathered = gather_dialogflow_cx(documents)

        assert is_cx(documents)
        assert gathered.intents["Hours"].answers == {"en": ["From ten.", "At ten."]}
        assert gathered.intents["Hours"].phrases == {"en": ["open today"]}
        assert gathered.intents["Default Welcome Intent"].role is Role.GREETING
        assert gathered.intents["unclear"].role is Role.UNCLEAR
        assert gathered.intents["Pay"].held == ["it is asked on the page `Till` only"]
        assert {"One.", "`w`"} <= set(named(gathered))


class TestLex:
    def test_a_bot_brings_utterances_and_closing_words_by_locale(self):
        message = lambda text: {"message": {"plainTextMessage": {"value": text}}}  # noqa: E731
        hours: dict[str, Any] = {
            "name": "Hours",
            "sampleUtterances": [{"utterance": "when open"}, {"utterance": "open in {City}"}],
            "intentClosingSetting": {"closingResponse": {"messageGroupList": [message("At ten.")]}},
        }
        order = {"name": "Order", "sampleUtterances": [{"utterance": "order"}], "slotPriorities": [{"priority": 1}]}
        fallback = {"name": "Fallback", "parentIntentSignature": "AMAZON.FallbackIntent"}
        folder = "Desk/BotLocales/en_US/Intents"
        documents = {f"{folder}/{one['name']}/Intent.json": one for one in (hours, order, fallback)}
        documents["Desk/Bot.json"] = {"name": "Desk"}
        documents[f"{folder}/Order/Slots/Size/Slot.json"] = {}

        gathered = gather_lex(documents)

        assert is_lex(documents)
        assert gathered.name == "Desk"
        assert gathered.intents["Hours"].phrases == {"en-US": ["when open"]}
        assert gathered.intents["Hours"].answers == {"en-US": ["At ten."]}
        assert gathered.intents["Fallback"].role is Role.UNCLEAR
        assert "slots" in gathered.intents["Order"].held[0]
        assert {"open in {City}", "the slot `Size`"} <= set(named(gathered))


class TestLanguageUnderstanding:
    def test_luis_and_clu_have_phrases_and_no_answers(self):
        luis = {
            "luis_schema_version": "7.0",
            "culture": "en-us",
            "utterances": [{"text": "hi", "intent": "Greet"}, {"text": "x", "intent": "None"}],
        }
        clu = {
            "projectKind": "Conversation",
            "metadata": {"language": "en", "projectName": "Desk"},
            "assets": {
                "intents": [{"category": "Greet"}],
                "utterances": [{"text": "hallo", "intent": "Greet", "language": "de"}],
            },
        }

        assert is_luis(luis)
        assert is_luis(clu)
        assert gather_luis("l.json", luis).intents["Greet"].phrases == {"": ["hi"]}
        assert named(gather_luis("l.json", luis)) == ["x"]
        assert gather_luis("c.json", clu).intents["Greet"].phrases == {"de": ["hallo"]}
        assert gather_luis("c.json", clu).intents["Greet"].held == ["this format has no answers"]

    def test_lu_text_loses_its_marks(self):
        text = "> a comment\n# Book\n- fly to {@city=Paris} {date={day=today}}\n- {city}\n@ ml city\n# None\n- pizza\n"

        gathered = gather_lu("a.lu", text)

        assert gathered.intents["Book"].phrases == {"": ["fly to Paris today"]}
        assert {"{city}", "@ ml city", "pizza"} <= set(named(gathered))

    def test_qna_text_has_fenced_and_plain_answers(self):
        text = "# ? When open?\n- opening times\n```markdown\nFrom **ten**.\n```\n# ? Cars?\n- Here.\n# ? Lost?\n"

        gathered = gather_lu("a.qna", text)

        assert gathered.intents["When open?"].phrases == {"": ["When open?", "opening times"]}
        assert gathered.intents["When open?"].answers == {"": ["From **ten**."]}
        assert gathered.intents["Cars?"].answers == {"": ["Here."]}
        assert named(gathered) == ["Lost?"]


class TestQnaMaker:
    def test_both_services_bring_pairs_with_prompts_as_chips(self):
        old = {
            "qnaDocuments": [
                {
                    "id": 1,
                    "questions": ["Open?", "Hours?"],
                    "answer": "At ten.",
                    "context": {"prompts": [{"qnaId": 2, "displayText": "x"}, {"qnaId": 9, "displayText": "y"}]},
                },
                {"id": 2, "questions": ["And then?"], "answer": "Later.", "context": {"isContextOnly": True}},
            ]
        }
        new = {
            "Metadata": {"Language": "de"},
            "Assets": {"Qnas": [{"Id": 1, "Questions": ["Auf?"], "Answer": "Um zehn."}], "Synonyms": [1]},
        }

        gathered = gather_qna("q.json", pairs_of(old) or [], old)

        assert gathered.intents["Open?"].phrases == {"": ["Open?", "Hours?"]}
        assert gathered.intents["Open?"].next == ["And then?"]
        assert "context" in gathered.intents["And then?"].held[0]
        assert named(gathered) == ["the prompt `y`"]
        assert gather_qna("q.json", pairs_of(new) or [], new).locale == "de"
        assert named(gather_qna("q.json", pairs_of(new) or [], new)) == ["`Synonyms`"]

    def test_a_tsv_of_it_is_a_table_with_ids(self):
        row = {"Question": "Open?", "Answer": "At\\nten.", "QnaId": "1", "Metadata": "a:b", "Prompts": "[{"}
        assert is_qna_table(row)

        gathered = gather_qna("q.tsv", pairs_of_table([row, {**row, "Question": "Hours?"}]))

        assert gathered.intents["Open?"].phrases == {"": ["Open?", "Hours?"]}
        assert gathered.intents["Open?"].answers == {"": ["At\nten."]}


class TestWatson:
    def test_a_dialog_skill_is_answered_by_nodes_of_one_intent(self):
        def node(condition: str, text: str, **more: str) -> dict[str, Any]:
            part = {"response_type": "text", "values": [{"text": text}]}
            return {"conditions": condition, "output": {"generic": [part]}, **more}

        skill = {
            "name": "Desk",
            "language": "en",
            "intents": [{"intent": name, "examples": [{"text": name}]} for name in ("a", "b", "c")],
            "entities": [{"entity": "day"}],
            "dialog_nodes": [
                {"dialog_node": "f", "type": "folder", "parent": "g"},
                {"dialog_node": "g", "type": "folder"},
                node("#a", "A.", parent="f"),
                node("#b && @day", "B."),
                node("welcome", "Hello."),
                node("anything_else", "Pardon?"),
                node("#c", "See @day here"),
                node("true", "Inner.", parent="x"),
            ],
        }
        gathered = gather_watson("w.json", skill)

        assert is_watson(skill)
        assert gathered.intents["a"].answers == {"": ["A."]}
        assert gathered.intents["b"].held == ["it is answered only where `#b && @day`"]
        assert gathered.intents["welcome"].role is Role.GREETING
        assert {"the entity `day`", "See @day here", "Inner."} <= set(named(gathered))

    def test_an_actions_skill_says_its_first_step(self):
        step = {
            "output": {
                "generic": [
                    {
                        "values": [
                            {"text_expression": {"concat": [{"scalar": "At "}, {"variable": "h"}]}},
                            {"text_expression": {"concat": [{"scalar": "Soon."}]}},
                        ]
                    }
                ]
            }
        }
        skill = {
            "workspace": {
                "intents": [{"intent": "i1", "examples": [{"text": "open?"}]}],
                "actions": [{"title": "Hours", "condition": {"intent": "i1"}, "steps": [step, step]}],
            }
        }

        hours = gather_watson("w.json", skill).intents["i1"]

        assert hours.title == "Hours"
        assert hours.answers == {"": ["At {variable}", "Soon."]}
        assert "2 steps" in hours.held[0]


class TestBotpress:
    def test_items_come_by_language_and_what_is_off_is_held(self):
        data = {
            "questions": {"en": ["Open?"], "de": ["Auf?"]},
            "answers": {"en": ["At ten.", "#!e1", "#!e2"]},
            "enabled": False,
            "contexts": ["visit"],
        }
        export = {
            "qnas": [{"id": "q1", "data": data}],
            "contentElements": [{"id": "e1", "formData": {"text$en": "Ten."}}],
        }

        gathered = gather_botpress("b.json", items_of(export) or [], export)
        (one,) = gathered.intents.values()

        assert one.phrases == {"en": ["Open?"], "de": ["Auf?"]}
        assert one.answers == {"en": ["At ten.", "Ten."]}
        assert (one.topic, one.held) == ("visit", ["it is switched off in the export"])
        assert named(gathered) == ["the content element `#!e2`"]


class TestFaqPage:
    def test_linked_data_is_found_in_a_saved_page(self):
        answer = {"@type": "Answer", "text": "<p>Yes.</p>"}
        question = {"@type": "Question", "name": "Open &amp; free?", "acceptedAnswer": answer}
        data = json.dumps({"@graph": [{"@type": ["FAQPage"], "mainEntity": [question]}]})
        script = '<script type="application/ld+json">'
        page = f'<html lang="de-AT">{script.upper()}{data}</SCRIPT><script>x</script>{script}'

        documents = [json.loads(text) for text in linked_data(page)]
        gathered = gather_faq_page("p.html", documents, page_locale(page))

        assert is_faq_page(documents[0])
        assert gathered.locale == "de-AT"
        assert gathered.intents["Open & free?"].answers == {"": ["<p>Yes.</p>"]}


class TestTables:
    def test_headings_are_known_in_several_languages_or_said(self):
        assert columns_of(["Frage", "Antwort"]).used == {"question": "Frage", "answer": "Antwort"}
        assert not columns_of(["foo", "bar"]).usable
        assert columns_of(["foo", "bar"], {"question": "FOO", "answer": "bar"}).usable

    def test_lists_and_mappings_of_json_are_tables(self):
        assert pairs({"faq": [{"question": "a", "answer": "b"}]}) == [(1, {"question": "a", "answer": "b"})]
        assert pairs({"When open?": "At ten.", "Where is it?": "Here."}) is not None
        assert pairs({"name": "package", "version": "1"}) is None
        assert pairs([1, 2]) is None

    def test_one_intent_is_what_has_one_name_title_or_answer(self):
        rows = [
            (1, {"question": "a?", "answer": "x"}),
            (2, {"question": "b?", "answer": "x"}),
            (3, {"question": "a?", "answer": ""}),
        ]

        gathered = gather_rows(rows, "t.csv")

        assert [one.phrases for one in gathered.intents.values()] == [{"": ["a?", "b?"]}]
        assert [(one.where, one.what) for one in gathered.left] == [("t.csv:3", "a?")]

    def test_lines_of_a_cell_are_questions_where_each_is_one(self):
        cell = "When open?\nAre you open on Sunday?\nand on Monday?"

        (one,) = gather_rows([(1, {"question": cell, "answer": "x"})], "t").intents.values()

        assert one.phrases == {"": ["When open?", "Are you open on Sunday? and on Monday?"]}
