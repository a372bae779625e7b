"""`greenroom keys`: made once, listed without secrets."""

from app.runtime.settings.api_keys import find_key, read_keys
from tests.cli.conftest import Greenroom


def test_a_key_is_made_and_its_line_opens_with_it(greenroom: Greenroom):
    made = greenroom("keys", "new", "ada", "--role", "publisher", "--json", site=None).document
    plain = greenroom("keys", "new", "ada", "--role", "viewer", site=None)

    (kept,) = read_keys(made["line"])
    key, line = plain.out.split("\n")[:2]
    assert (kept.name, kept.role, kept.id) == ("ada", "publisher", made["id"])
    assert find_key([kept], made["key"]) == kept
    assert find_key(read_keys(line), key)


def test_keys_are_listed_by_name_role_and_id(greenroom: Greenroom, monkeypatch):
    made = greenroom("keys", "new", "ada", "--role", "author", "--json", site=None).document
    monkeypatch.setenv("GREENROOM_API_KEYS", made["line"])
    monkeypatch.setenv("GREENROOM_API_KEY", "the one")

    listed = greenroom("keys", "list", "--json", site=None).document["keys"]
    plain = greenroom("keys", "list", site=None)

    assert [(key["name"], key["role"]) for key in listed] == [("api key", "operator"), ("ada", "author")]
    assert listed[1]["id"] == made["id"]
    assert "ada" in plain.out
    assert made["line"].split()[2] not in plain.out


def test_without_keys_that_is_said(greenroom: Greenroom):
    assert "No key is set" in greenroom("keys", "list", site=None).out
