"""What the files of a catalog say, each on its own, before facts and roles are settled."""

from dataclasses import dataclass
from pathlib import Path

from app.adapters.files.avatars import ReadAvatar, read_avatar
from app.adapters.files.knowledge import read_document
from app.adapters.files.reader import Reader
from app.adapters.files.recordings import Recordings, read_recordings
from app.adapters.files.strict_yaml import YamlDocument
from app.adapters.files.tree import Tree
from app.catalog.model import CatalogFile, Document, IntentFile, Question, QuestionsFile
from app.catalog.places import CATALOG_FILE, FACTS_FILE, TESTS_FILE


@dataclass(frozen=True, slots=True)
class ReadIntent:
    """An intent's file and what it says."""

    id: str
    topic: str
    file: str
    described: IntentFile
    recordings: Recordings


@dataclass(frozen=True, slots=True)
class Parts:
    """All files that could be read; `facts` is None when its file is broken, and empty when there is none."""

    settings: CatalogFile | None
    facts: YamlDocument | None
    avatars: tuple[ReadAvatar, ...]
    intents: tuple[ReadIntent, ...]
    questions: tuple[Question, ...]
    documents: tuple[tuple[str, Document], ...]
    """Each with its file."""


def read_parts(reader: Reader, tree: Tree) -> Parts:
    """Read every file of the tree."""
    has_facts = FACTS_FILE in tree.top
    return Parts(
        settings=reader.model(CATALOG_FILE, CatalogFile),
        facts=reader.document(FACTS_FILE) if has_facts else YamlDocument({}),
        avatars=tuple(one for file in tree.avatars if (one := read_avatar(reader, tree.root, file))),
        intents=tuple(intent for file in tree.intents if (intent := _intent(reader, tree.root, file))),
        questions=_questions(reader) if TESTS_FILE in tree.top else (),
        documents=tuple(
            (file, read_document(Path(file).stem, text)) for file in tree.knowledge if (text := reader.text(file))
        ),
    )


def _intent(reader: Reader, root: Path, file: str) -> ReadIntent | None:
    described = reader.model(file, IntentFile)
    if described is None:
        return None
    topic, _, name = file.rpartition("/")
    return ReadIntent(Path(name).stem, topic, file, described, read_recordings(reader, root, file, described))


def _questions(reader: Reader) -> tuple[Question, ...]:
    document = reader.document(TESTS_FILE)
    if document is None:
        return ()
    data = document.data
    if isinstance(data, list):
        reader.nest(TESTS_FILE, "tests")
        data = {"tests": data}
    questions = reader.validated(TESTS_FILE, data, QuestionsFile)
    return questions.tests if questions else ()
