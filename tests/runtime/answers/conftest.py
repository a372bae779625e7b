"""One small catalog on disk with tests of its own, and an editor that needs no model."""

import pytest

from app.adapters.catalog_files.edits import CatalogFolder
from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.audit import MemoryAudit
from app.runtime.commands.answers.editor import CatalogEditor
from app.runtime.settings.site import Settings
from tests.support.catalogs import write_catalog
from tests.support.matching import PHRASES

TESTS = [
    {"ask": "can i bring my dog", "expect": "dogs"},
    {"ask": "is there an elevator", "expect": "lift"},
    {"ask": "who won the match", "expect": "none"},
]


def intent_file_of(title, phrases):
    return {"title": title, "phrases": {"en": list(phrases)}, "answer": {"en": f"This is about {title.lower()}."}}


@pytest.fixture
def root(tmp_path):
    files = {f"desk/{name}.yaml": intent_file_of(name, phrases) for name, phrases in PHRASES.items()}
    lift = intent_file_of("The lift", ["Is there a lift?", "lift to the top floor", "Where is the lift?"])
    knowledge = "# Lockers\n\nLockers stand beside the cloakroom, and a locker costs one euro.\n"
    more = {"desk/lift.yaml": lift, "tests.yaml": {"tests": TESTS}, "knowledge/lockers.md": knowledge}
    return write_catalog(tmp_path, files={**files, **more})


@pytest.fixture
def editor(root, tmp_path):
    settings = Settings(catalog=root, models_dir=tmp_path / "models", database_url=f"sqlite:///{tmp_path}/site.db")
    return CatalogEditor(settings, CatalogFolder(root), loaded=HashingEncoder())


@pytest.fixture
def memory_audit():
    return MemoryAudit()
