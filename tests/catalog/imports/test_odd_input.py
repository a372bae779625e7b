"""Whatever a document holds: no reader fails on it, and settled drafts are such as a catalog's file may be."""

import csv
import io
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.catalog.imports import interchange
from app.catalog.imports.botpress import gather_botpress, items_of
from app.catalog.imports.dialogflow_cx import gather_dialogflow_cx
from app.catalog.imports.dialogflow_es import gather_dialogflow_es, gather_single, is_single
from app.catalog.imports.faq_page import gather_faq_page, is_faq_page, linked_data, page_locale
from app.catalog.imports.gathered import Gathered
from app.catalog.imports.language_understanding import gather_lu, gather_luis, is_luis
from app.catalog.imports.lex import gather_lex
from app.catalog.imports.markup import spoken
from app.catalog.imports.qna_maker import gather_qna, pairs_of
from app.catalog.imports.rasa import gather_rasa, is_rasa
from app.catalog.imports.settle import Surroundings, settle
from app.catalog.imports.tables import gather_rows, pairs
from app.catalog.imports.watson import gather_watson, is_watson
from app.catalog.model import IntentFile

KEYS = [
    "nlu",
    "intent",
    "examples",
    "responses",
    "rules",
    "stories",
    "steps",
    "action",
    "text",
    "name",
    "data",
    "questions",
    "answers",
    "question",
    "answer",
    "messages",
    "speech",
    "lang",
    "type",
    "userSays",
    "auto",
    "fallbackIntent",
    "contexts",
    "events",
    "displayName",
    "trainingPhrases",
    "parts",
    "transitionRoutes",
    "triggerFulfillment",
    "eventHandlers",
    "event",
    "condition",
    "sampleUtterances",
    "utterance",
    "intentClosingSetting",
    "closingResponse",
    "messageGroupList",
    "message",
    "plainTextMessage",
    "value",
    "intents",
    "utterances",
    "entities",
    "luis_schema_version",
    "assets",
    "category",
    "qnaDocuments",
    "qnas",
    "Qnas",
    "id",
    "context",
    "prompts",
    "dialog_nodes",
    "conditions",
    "output",
    "generic",
    "values",
    "workspace",
    "actions",
    "concat",
    "text_expression",
    "@type",
    "@graph",
    "mainEntity",
    "acceptedAnswer",
    "greenroom",
    "topic",
    "phrases",
    "title",
    "role",
    "next",
    "card",
    "facts",
    "language",
]
WORDS = ["FAQPage", "hi", "#a", "a?", "{x}", "intent", "catalog", "<b>x", "utter_hi", "en", "1"]
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=16,
)
NAMES = (
    "agent.json",
    "intents/a.json",
    "intents/a_usersays_en.json",
    "intents/a/a.json",
    "intents/a/trainingPhrases/en.json",
    "flows/f/f.json",
    "B/BotLocales/en_US/Intents/a/Intent.json",
)
AROUND = Surroundings("en", ("en",), {"hi": "x/hi.yaml"}, {("en", "hi"): "hi"})


def _read(document: Any) -> list[Gathered]:
    files = dict.fromkeys(NAMES, document)
    found = [gather_dialogflow_es(files), gather_dialogflow_cx(files), gather_lex(files)]
    if is_rasa(document):
        found.append(gather_rasa([("a", document)]))
    for holds, reader in (
        (is_watson, gather_watson),
        (is_luis, gather_luis),
        (is_single, gather_single),
        (is_faq_page, lambda where, one: gather_faq_page(where, [one])),
    ):
        if holds(document):
            found.append(reader("a", document))
    for rows, reader in ((pairs(document), gather_rows), (pairs_of(document), None), (items_of(document), None)):
        if rows is not None and reader:
            found.append(gather_rows(rows, "a"))
    found.append(gather_qna("a", pairs_of(document) or [], document))
    found.append(gather_botpress("a", items_of(document) or [], document))
    if isinstance(document, dict):
        interchange.is_own([document])
        found.append(interchange.gather_lines([(1, document)], "a"))
    return found


@given(JSON)
def test_anything_unexpected_is_passed_over_and_drafts_are_files(document: object):
    for gathered in _read(document):
        outcome = settle(gathered, AROUND, own_locale="en")

        for draft in outcome.drafts:
            if not any(one.exact for one in gathered.intents.values()):
                IntentFile.model_validate_json(json.dumps(draft.content))
        assert len({draft.id for draft in outcome.drafts}) == len(outcome.drafts)


@given(st.text(st.sampled_from('<>/abp &;#![]()*_`-\n" =.'), max_size=60))
def test_no_markup_breaks_the_reader_of_it(text: str):
    assert "\n" not in spoken(text).text
    list(linked_data(text))
    page_locale(text)


@given(st.text(st.sampled_from("# ?-{}@=`\nab>!$"), max_size=60))
def test_no_lu_text_breaks_its_reader(text: str):
    gather_lu("a.lu", text)


TEXT = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=12).filter(str.strip)
TEXTS = st.lists(TEXT, min_size=1, max_size=3)
BY_LOCALE = st.sampled_from([["en"], ["de-AT"], ["en", "de-AT"]]).flatmap(
    lambda locales: st.fixed_dictionaries(dict.fromkeys(locales, TEXTS))
)
CONTENT = st.fixed_dictionaries(
    {"title": TEXT},
    optional={
        "role": st.sampled_from(["greeting", "idle"]),
        "phrases": BY_LOCALE,
        "not_phrases": BY_LOCALE,
        "answer": BY_LOCALE,
        "next": st.lists(st.sampled_from(["a", "b-c"]), min_size=1, max_size=2),
        "split": st.booleans(),
        "interruptible": st.booleans(),
        "card": st.fixed_dictionaries({"title": TEXT}, optional={"url": st.just("/x"), "body": TEXT}),
        "valid": st.just({"from": "2026-01-01", "until": "2026-12-31"}),
    },
)
RECORDS = st.lists(CONTENT, min_size=1, max_size=4).map(
    lambda contents: interchange.CatalogRecords(
        "Desk",
        "en",
        ("en", "de-AT"),
        {"hours": "ten", "prices": {"adult": "12.50"}, "door": {"en": "left", "de-AT": "links"}},
        tuple(interchange.IntentRecord("t", f"i-{at}", one) for at, one in enumerate(contents)),
    )
)


def _models(gathered: Gathered) -> dict[str, IntentFile]:
    around = Surroundings("en", ("en", "de-AT"))
    drafts = settle(gathered, around, own_locale="en").drafts
    return {f"{one.topic}/{one.id}": IntentFile.model_validate_json(json.dumps(one.content)) for one in drafts}


def _distinct(records: interchange.CatalogRecords) -> bool:
    """Whether no phrase stands twice: one of them would be taken away."""
    from app.text import fold  # noqa: PLC0415

    words = [
        (locale, fold(text))
        for one in records.intents
        for locale, texts in one.content.get("phrases", {}).items()
        for text in texts
    ]
    answers = [texts for one in records.intents for texts in one.content.get("answer", {}).values()]
    refused = [texts for one in records.intents for texts in one.content.get("not_phrases", {}).values()]
    return len(set(words)) == len(words) and all(len(set(texts)) == len(texts) for texts in (*answers, *refused))


@given(RECORDS.filter(_distinct))
def test_both_forms_of_an_export_read_back_the_same(records: interchange.CatalogRecords):
    written = {
        f"{one.topic}/{one.id}": IntentFile.model_validate_json(json.dumps(one.content)) for one in records.intents
    }
    lines = [(at, json.loads(line)) for at, line in enumerate(interchange.lines(records), 1)]
    table = io.StringIO(newline="")
    csv.writer(table).writerows(interchange.rows(records))
    cells = list(csv.reader(io.StringIO(table.getvalue(), newline="")))

    by_line, by_row = interchange.gather_lines(lines, "x"), interchange.gather_table(cells, "x")

    assert interchange.is_own(record for _, record in lines)
    assert interchange.is_own_table(cells[0])
    assert _models(by_line) == _models(by_row) == written
    assert by_line.facts == by_row.facts == records.facts
    assert (by_line.name, by_row.locale) == ("Desk", "en")
