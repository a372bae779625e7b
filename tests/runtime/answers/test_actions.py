"""The author's actions: each writes files, and says what it does."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.adapters.catalog_files.loader import load_catalog, load_or_raise
from app.adapters.catalog_files.strict_yaml import parse
from app.author_errors import EditRefusedError
from app.learning.memory_turn_log import MemoryTurnLog
from app.learning.turn_log import TurnRecord
from app.runtime.commands.answers.clips import ClipTarget, use_clip
from app.runtime.commands.answers.editor import CatalogEditor, EditTerms
from app.runtime.commands.answers.never import never
from app.runtime.commands.answers.new_intent import ProposedAnswer, WantedIntent, new_intent
from app.runtime.commands.answers.phrases import make_phrases
from app.runtime.commands.answers.recorded import recorded_questions
from app.runtime.commands.plan import catalog_keys
from app.store.labels import Labels
from app.store.ports import Entry

ANN = EditTerms(by="ann")
DAY = datetime(2026, 6, 1, tzinfo=UTC)
TURN = TurnRecord("t_1", "s_1", DAY, "Where is the cloakroom?", "en", "generated", None, "c1", {}, 1.0)


async def test_questions_become_phrases(editor, root):
    preview = await make_phrases(editor, "lift", ["  is there an elevator "], terms=ANN)

    assert preview.written
    assert "is there an elevator" in parse((root / "desk/lift.yaml").read_bytes()).data["phrases"]["en"]


@pytest.mark.parametrize("texts", [[], ["?!"], ["fine", " "]])
async def test_what_has_no_words_is_refused(editor, texts):
    with pytest.raises(EditRefusedError, match="words"):
        await make_phrases(editor, "lift", texts)


async def test_never_writes_a_near_miss_takes_the_phrase_away_and_proves_it(editor, root):
    found = await never(editor, "where is the lift", "lift", terms=ANN)

    written = parse((root / "desk/lift.yaml").read_bytes()).data
    assert written["not_phrases"] == {"en": ["where is the lift"]}
    assert "Where is the lift?" not in written["phrases"]["en"]
    assert found.removed == ("Where is the lift?",)
    assert found.holds
    assert found.tried > 5
    assert "which must never reach `lift`" in found.decision.receipt.guards[0].reason


async def test_never_holds_after_the_same_words_became_a_phrase(editor, root, tmp_path):
    await never(editor, "where is the lift", "lift", terms=ANN)
    later = CatalogEditor(editor.settings, editor.files, loaded=editor.loaded)
    await make_phrases(later, "lift", ["Where is the lift?", "where is that lift", "where is our lift"], terms=ANN)
    last = CatalogEditor(editor.settings, editor.files, loaded=editor.loaded)

    decisions = last.matcher.decide_many(["where is the lift", "wheer is the lift", "where is that lift"])

    assert [one.intent for one in decisions] == [None, None, "lift"]


async def test_a_new_intent_quotes_the_documents_and_is_a_draft(editor, root):
    found = await new_intent(editor, WantedIntent("Lockers?", ["What does a locker cost?"]), terms=ANN, propose=quoting)

    written = parse((root / found.intent.topic / "lockers.yaml").read_bytes()).data
    assert written["answer"] == {"en": "A locker costs one euro."}
    assert written["draft"] is True
    assert "draft: true  # answer proposed by the documents\n" in (root / found.preview.changes[0].file).read_text()
    drafts = [one.file for one in load_catalog(root).findings if one.rule == "intent-draft"]
    assert drafts == [f"{found.intent.topic}/lockers.yaml"]


async def test_an_intent_with_its_authors_words_is_no_draft(editor, root):
    wanted = WantedIntent("Lift", ["May I ride up?"], answer="Yes.", topic="house")

    found = await new_intent(editor, wanted, terms=ANN)

    assert (found.intent.id, found.intent.draft) == ("lift-2", None)
    assert (root / "house/lift-2.yaml").is_file()


async def test_without_any_answer_nothing_is_written(editor, root):
    before = sorted(root.rglob("*.yaml"))

    with pytest.raises(EditRefusedError, match="Write one"):
        await new_intent(editor, WantedIntent("Moon", ["Is the moon cheese?"]), terms=ANN, propose=silent)

    assert sorted(root.rglob("*.yaml")) == before


async def test_a_clip_that_was_made_becomes_an_answer_at_no_cost(editor, root):
    words, target = "The cloakroom is beside the stairs.", ClipTarget(title="Cloakroom")
    before = set(await catalog_keys(editor.settings, load_or_raise(root)))

    other_face = await use_clip(editor, Recipes(words, "0"), TURN, target, terms=ANN)

    written = parse((root / "answers/cloakroom.yaml").read_bytes()).data
    assert (written["phrases"], written["answer"]) == ({"en": ["Where is the cloakroom?"]}, {"en": words})
    assert not other_face.rendered
    made, *_ = set(await catalog_keys(editor.settings, load_or_raise(root))) - before
    (root / "answers/cloakroom.yaml").unlink()
    assert (await use_clip(editor, Recipes(words, made), TURN, target)).rendered


@pytest.mark.parametrize(("turn", "target"), [(TURN, ClipTarget()), (replace(TURN, clip=None), ClipTarget(title="x"))])
async def test_a_turn_without_a_clip_or_a_place_is_refused(editor, turn, target):
    with pytest.raises(EditRefusedError):
        await use_clip(editor, Recipes("Words.", "0"), turn, target)


async def test_recorded_questions_count_once_and_choices_are_none():
    log = MemoryTurnLog()
    for number, (question, stage) in enumerate([("Open?", ""), ("open", ""), ("Dogs?", ""), ("Dogs", "choice")]):
        receipt = {"stage": stage}
        await log.record(replace(TURN, id=f"t_{number}", question=question, receipt=receipt))

    found = await recorded_questions(log, newest=10)

    assert [(one.question.rstrip("?").lower(), one.times) for one in found] == [("open", 2), ("dogs", 1)]


async def quoting(question, locale):
    return ProposedAnswer("A locker costs one euro.", "the documents")


async def silent(question, locale):
    return None


class Recipes:
    """An index with one clip, whose video is that of the turn."""

    def __init__(self, text: str, key: str) -> None:
        labels = Labels.generated_answer(text, locale="en")
        self.entry = Entry(key, "clip", {}, labels, {"video": TURN.clip}, {}, TURN.asked_at)

    async def scan(self):
        yield self.entry
