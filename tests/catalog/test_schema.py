from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from app.catalog.schema import FILE_KINDS, FileKind, catalog_schema
from tests.support.catalogs import write_catalog

KINDS: dict[FileKind, str] = {
    "catalog": "catalog.yaml",
    "tests": "tests.yaml",
    "avatar": "avatars/*.yaml",
    "intent": "[rv]*/*.yaml",
}


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_a_valid_file_fits_its_schema(tmp_path: Path, kind: FileKind):
    schema = catalog_schema(kind)
    files = sorted(write_catalog(tmp_path).glob(KINDS[kind]))

    Draft202012Validator.check_schema(schema)

    assert files
    for file in files:
        Draft202012Validator(schema).validate(yaml.safe_load(file.read_text()))


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("intent", {"title": "x", "phrase": {}}),
        ("intent", {"title": "x", "phrases": {"English": "y"}}),
        ("intent", {"title": "x", "role": "hello"}),
        ("catalog", {"name": "x"}),
        ("avatar", {"name": "x", "portrait": "y", "renderers": []}),
        ("tests", [{"expect": "x"}]),
        ("avatar", {"name": "x", "portrait": "y", "voice": {"speech": "local", "de": {"speech": "openai"}}}),
        ("avatar", {"name": "x", "portrait": "y", "voice": {"EN": {"speech": "local"}}}),
        ("avatar", {"name": "x", "portrait": "y", "voice": {"en": {"spech": "local"}}}),
        ("avatar", {"name": "x", "portrait": "y", "voice": {"en": "local"}}),
    ],
)
def test_a_bad_file_does_not_fit(kind: FileKind, document: object):
    assert not Draft202012Validator(catalog_schema(kind)).is_valid(document)


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("intent", {"title": "x", "phrases": {"en": "one"}, "next": "y"}),
        ("tests", [{"ask": "x", "not": "y"}]),
        ("avatar", {"name": "x", "portrait": "y", "renderers": "local"}),
    ],
)
def test_one_text_may_stand_for_a_list(kind: FileKind, document: object):
    Draft202012Validator(catalog_schema(kind)).validate(document)


@pytest.mark.parametrize(
    "voice",
    [
        {},
        {"speech": "openai", "id": "nova"},
        {"en": {"speech": "local"}, "de-AT": {"speech": "openai", "id": "nova", "speed": 1.1}},
        {"id": {"speech": "openai"}},
    ],
)
def test_a_voice_may_be_one_or_one_per_locale(voice: dict[str, object]):
    avatar = {"name": "x", "portrait": "y", "voice": voice}

    Draft202012Validator(catalog_schema("avatar")).validate(avatar)


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_an_editor_has_something_to_show(kind: FileKind):
    assert catalog_schema(kind)["title"].startswith("Greenroom ")
    assert "description" in str(catalog_schema(kind))
