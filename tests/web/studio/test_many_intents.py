"""Pages with so many intents that a field offers them while one types: the list is in the page once."""

import pytest

from app.adapters.catalog_files.loader import load_or_raise
from app.runtime.settings.api_keys import KeyRole
from app.runtime.settings.site import Settings
from tests.benchmarks.scale.catalogs import write
from tests.support.sites import small_site
from tests.web.studio.visits import a_desk, a_person


@pytest.fixture(scope="module", params=[20, 301])
def author(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    (folder / "catalog").mkdir()
    write(folder / "catalog", small_site(folder / "small"), request.param)
    container = a_desk(folder / "desk")
    container.catalog = load_or_raise(folder / "catalog")
    container.site.settings = Settings(catalog=folder / "catalog", models_dir=folder / "models")
    person = a_person(container)
    person.sign_in(KeyRole.AUTHOR)
    return person, request.param


@pytest.mark.parametrize(("place", "fields"), [("try", 1), ("intents/place-7/edit", 3)])
def test_a_long_list_is_in_the_page_once(author, place, fields):
    person, intents = author

    text = person.get(place).text

    options = text.count('<option value="place-9"')
    assert (options, text.count('list="intents"')) == ((1, fields) if intents > 300 else (fields, 0))
