"""Questions to the documents: the right sentence, or silence; `data/document_questions_dev*.yaml` say which."""

from pathlib import Path

import pytest
import yaml

from app.adapters.catalog_files.documents import to_document
from app.adapters.catalog_files.markdown import read_page
from app.adapters.responders.documents import MOST_WORDS, KnowledgeResponder
from tests.support.matching import real_encoder

ROOT = Path(__file__).parents[3]
FILES = [
    yaml.safe_load((ROOT / "tests/matching/data" / name).read_text("utf-8"))
    for name in ("document_questions_dev.yaml", "document_questions_dev_2.yaml")
]
LISTED = {key: {name: one for file in FILES for name, one in file[key].items()} for key in ("sets", "questions")}
MOST_WRONG = 0.02
LEAST_RIGHT = 0.8


def documents_of(folder: Path):
    return [to_document(file.stem, read_page(file.read_text("utf-8"))) for file in sorted(folder.glob("*.md"))]


@pytest.fixture(scope="module", params=[pytest.param("all", marks=pytest.mark.long), "museum"])
def answers(request: pytest.FixtureRequest):
    """Every question with what may be said, and what is: of all sets, or of one."""
    return [
        (one["ask"], _listed(one.get("says", [])), responder.answer(one["ask"]))
        for name, questions in LISTED["questions"].items()
        if request.param in ("all", name)
        for responder in [KnowledgeResponder(documents_of(ROOT / LISTED["sets"][name]), real_encoder())]
        for one in questions
    ]


def _listed(says):
    return [says] if isinstance(says, str) else says


def test_most_questions_get_the_sentence_that_says_it(answers):
    answerable = [(says, answer) for _, says, answer in answers if says]
    right = sum(answer is not None and any(words in answer for words in says) for says, answer in answerable)

    assert right / len(answerable) >= LEAST_RIGHT


def test_almost_none_get_another(answers):
    wrong = [ask for ask, says, answer in answers if answer and not any(words in answer for words in says)]

    assert len(wrong) / len(answers) <= MOST_WRONG, wrong


def test_every_answer_is_whole_sentences_of_the_documents(answers):
    texts = [
        passage
        for folder in LISTED["sets"].values()
        for document in documents_of(ROOT / folder)
        for passage in document.passages
    ]
    for _, _, answer in answers:
        if answer:
            assert any(answer in text for text in texts)
            assert answer.endswith((".", "!", "?"))
            assert len(answer.split()) <= MOST_WORDS


def test_the_question_on_the_demo_page_shines(answers):
    said = next(answer for ask, _, answer in answers if ask == "Who was Clara Penrose?")

    assert said.startswith("The museum was founded in 1931 by Clara Penrose, the postmistress of Port Merrow.")
