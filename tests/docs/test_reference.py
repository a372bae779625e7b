"""The reference pages and the code name the same things."""

import re

import pytest
from pydantic import SecretStr

from app import author_errors, errors
from app.runtime.settings.site import Settings
from app.runtime.settings.vendors import StorageSettings, VendorSettings
from tests.docs.generated import LLMS, llms
from tests.docs.pages import REFERENCE, page


def _all_errors(root: type[errors.GreenroomError]) -> list[type[errors.GreenroomError]]:
    return [root, *(found for child in root.__subclasses__() for found in _all_errors(child))]


def _cells(page: str) -> set[str]:
    """The first cell of every table row that is code."""
    return set(re.findall(r"^\| `([^`]+)` ", (REFERENCE / page).read_text(), re.MULTILINE))


def test_every_setting_has_its_line():
    names = {f"GREENROOM_{name.upper()}" for name in Settings.model_fields}
    names |= {name.upper() for kind in (VendorSettings, StorageSettings) for name in kind.model_fields}

    assert _cells("settings.md") == names


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_has_its_default_and_meaning(name):
    field = Settings.model_fields[name]
    default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else str(field.default)

    assert f"| `GREENROOM_{name.upper()}` | {f'`{default}`' if default else 'empty'} | {field.description} |" in page(
        "settings.md"
    )


def test_every_error_code_has_its_line():
    codes = {error.code for error in _all_errors(errors.GreenroomError)}

    assert _cells("errors.md") == codes


@pytest.mark.parametrize("error", _all_errors(errors.GreenroomError), ids=lambda error: error.code)
def test_the_page_says_truly_whether_trying_again_helps(error):
    row = re.search(rf"^\| `{error.code}` \| (yes|no) ", (REFERENCE / "errors.md").read_text(), re.MULTILINE)

    assert row is not None
    assert (row[1] == "yes") == error.retryable


def test_every_page_is_listed_for_agents():
    assert LLMS.read_text() == llms(), "run `python -m tests.docs.generated`"


@pytest.mark.parametrize("module", [errors, author_errors], ids=lambda module: module.__name__)
def test_every_error_is_drawn_in_its_tree(module):
    drawn = set(re.findall(r"\+-- (\w+Error)\s+\w", module.__doc__ or ""))

    ours = [error for error in _all_errors(errors.GreenroomError) if error.__module__ == module.__name__]
    assert drawn == {error.__name__ for error in ours} - {"GreenroomError"}
