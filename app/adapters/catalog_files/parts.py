"""Files of a catalog, each read and checked: avatars, intents with recordings, documents, test questions."""

from dataclasses import dataclass, replace
from pathlib import Path

from app.adapters.catalog_files.assets import asset
from app.adapters.catalog_files.documents import no_words, read_document
from app.adapters.catalog_files.reader import Reader
from app.adapters.catalog_files.recordings import Recordings, read_recordings
from app.adapters.catalog_files.strict_yaml import YamlDocument
from app.adapters.catalog_files.tree import Tree
from app.adapters.media_guard.limits import PICTURES
from app.catalog.findings import CATALOG_FILE, FACTS_FILE, TESTS_FILE, Complaint, Level
from app.catalog.model import AvatarFile, CatalogFile, Document, IntentFile, Question, QuestionsFile
from app.digest import Digest


@dataclass(frozen=True, slots=True)
class ReadAvatar:
    """Avatar's description, with its portrait and evidence found and named by digest."""

    id: str
    file: str
    described: AvatarFile
    portrait_path: Path
    portrait_digest: Digest
    evidence_digest: Digest | None


def read_avatar(reader: Reader, root: Path, file: str) -> ReadAvatar | None:
    """Return the avatar, or None with findings; `root` has all links resolved."""
    described = reader.model(file, AvatarFile)
    if described is None:
        return None
    portrait = asset(reader, root, file, name=described.portrait, path=("portrait",))
    evidence_name = described.consent.evidence if described.consent else None
    evidence = None
    if evidence_name is not None:
        evidence = asset(reader, root, file, name=evidence_name, path=("consent", "evidence"))
    if portrait is None or (evidence_name is not None and evidence is None):
        return None
    if described.background and not _is_transparent(portrait[0]):
        message = f"Expected a transparent portrait for `background`, got `{described.portrait}`, which is opaque."
        hint = "Leave `background` out, or save the portrait with a transparent background."
        reader.complain(file, Complaint("background-unseen", ("background",), message, hint, Level.WARNING))
        described = described.model_copy(update={"background": None})  # it changes no picture, so no clip's recipe
    return ReadAvatar(Path(file).stem, file, described, *portrait, evidence[1] if evidence else None)


def _is_transparent(picture: Path) -> bool:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  heavy, and most avatars name no background

    try:
        with Image.open(picture, formats=PICTURES) as image:
            return image.has_transparency_data
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return False


@dataclass(frozen=True, slots=True)
class ReadIntent:
    """Intent's file with its content."""

    id: str
    topic: str
    file: str
    described: IntentFile
    recordings: Recordings


@dataclass(frozen=True, slots=True)
class Parts:
    """All readable files; `facts` is None when its file is broken, and empty when there is none."""

    settings: CatalogFile | None
    facts: YamlDocument | None
    avatars: tuple[ReadAvatar, ...]
    intents: tuple[ReadIntent, ...]
    questions: tuple[Question, ...]
    documents: tuple[tuple[str, Document], ...]
    """Documents, each with its file."""


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
            (file, read_document(reader, file, text)) for file in tree.knowledge if (text := _written(reader, file))
        ),
    )


def _written(reader: Reader, file: str) -> str | None:
    """Return a document's text; None with a finding where nothing can be read or nothing is written."""
    text = reader.text(file)
    if text == "":
        reader.add(no_words(file))
        return None
    return text


def without_drafts(parts: Parts, reader: Reader) -> Parts:
    """Return the parts without intents that are marked `draft`; each of those is a finding."""
    for one in parts.intents:
        if one.described.draft:
            message = "Expected a finished intent, got a draft; no visitor gets it."
            hint = "Finish it, then remove `draft: true`."
            reader.complain(one.file, Complaint("intent-draft", ("draft",), message, hint, Level.WARNING))
    return replace(parts, intents=tuple(one for one in parts.intents if not one.described.draft))


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
