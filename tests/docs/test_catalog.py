"""The catalog page has every key of every file, with its type and default."""

import pytest
from pydantic import BaseModel

from app.adapters.catalog_files.assets import MAX_ASSET_BYTES
from app.adapters.catalog_files.documents import MAX_PASSAGE_CHARACTERS
from app.adapters.catalog_files.strict_yaml import MAX_BYTES
from app.catalog import card, model
from app.catalog.terms import Consent, Validity
from tests.docs.pages import given_rows, page, written_rows

PAGE = page("catalog.md")

PARTS: dict[str, type[BaseModel]] = {
    "`catalog.yaml`": model.CatalogFile,
    "Matching": model.Matching,
    "Fallback": model.Fallback,
    "Budget": model.Budget,
    "`<topic>/<id>.yaml`": model.IntentFile,
    "Card": card.Card,
    "Form field": card.FormField,
    "Call": card.PageCall,
    "Validity": Validity,
    "`avatars/<id>.yaml`": model.AvatarFile,
    "Voice": model.Voice,
    "Video": model.Video,
    "Consent": Consent,
    "`tests.yaml`": model.Question,
}


@pytest.mark.parametrize(("heading", "part"), PARTS.items(), ids=PARTS)
def test_a_file_has_its_keys(heading: str, part: type[BaseModel]) -> None:
    assert written_rows(PAGE, heading) == given_rows(part)


def test_sizes_are_those_of_the_code() -> None:
    assert f"at most {MAX_BYTES >> 20} MiB" in PAGE
    assert f"evidence file, {MAX_ASSET_BYTES >> 20} MiB" in PAGE
    assert f"{MAX_PASSAGE_CHARACTERS} characters" in PAGE
