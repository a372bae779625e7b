"""`plan --out` and `warm --plan`, as an operator meets them."""

import json

import pytest

from app.cli.output import Status
from app.runtime.settings.vendors import KEY_NAMES
from tests.cli.conftest import Greenroom, reword
from tests.support.sites import SMALL, Site, small_site


@pytest.fixture
def priced(tmp_path, monkeypatch) -> Site:
    """A site whose clips cost money; nothing is ordered, because every test stops before that."""
    for name in KEY_NAMES.values():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HEYGEN_API_KEY", "any")
    monkeypatch.setenv("HEYGEN_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.chdir(tmp_path)
    return small_site(tmp_path, **{"avatars/mira.yaml": {**SMALL, "renderers": ["heygen"]}})


def test_a_plan_is_carried_out_as_it_was_agreed(greenroom: Greenroom, copy: Site, tmp_path):
    file = tmp_path / "plan.json"
    reword(copy, "Guide dogs and helping dogs are welcome.")

    planned = greenroom("plan", "--out", str(file), site=copy)
    warmed = greenroom("warm", "--plan", str(file), "--json", site=copy)
    again = greenroom("warm", "--plan", str(file), "--json", site=copy)

    document = json.loads(file.read_text())
    assert (planned.code, warmed.code, again.code) == (Status.WORK, 0, 0)
    assert [clip["intent"] for clip in document["clips"]] == ["dogs"]
    assert f"greenroom warm --plan {file}" in planned.err.replace("\n", "")
    assert (warmed.lines[-1]["clips_done"], again.lines[-1]["clips_done"]) == (1, 0)


@pytest.mark.long
def test_a_plan_partly_done_is_finished(greenroom: Greenroom, copy: Site, tmp_path):
    file = tmp_path / "plan.json"
    reword(copy, "Guide dogs and helping dogs are welcome.")
    tickets = copy.catalog / "visiting" / "tickets.yaml"
    tickets.write_text(tickets.read_text().replace("A ticket is", "One ticket is"))
    greenroom("plan", "--out", str(file), site=copy)
    greenroom("warm", "--only", "dogs", site=copy)

    ran = greenroom("warm", "--plan", str(file), "--json", site=copy)

    assert ran.code == 0
    assert [one["intent"] for one in ran.lines if one["type"] == "clip.finished"] == ["tickets"]


def test_a_catalog_that_changed_stops_it(greenroom: Greenroom, copy: Site, tmp_path):
    file = tmp_path / "plan.json"
    reword(copy, "Guide dogs and helping dogs are welcome.")
    greenroom("plan", "--out", str(file), site=copy)
    path = copy.catalog / "visiting" / "dogs.yaml"
    path.write_text(path.read_text().replace("helping dogs", "small dogs"))

    ran = greenroom("warm", "--plan", str(file), "--json", site=copy)

    assert ran.code == Status.FAILED
    assert ran.document["error"]["code"] == "plan_invalid"
    assert "`dogs` [en] has other words" in ran.document["error"]["message"]
    assert "Plan again" in ran.document["error"]["message"]


def test_a_price_raised_in_providers_toml_stops_it(greenroom: Greenroom, priced: Site, tmp_path):
    (tmp_path / "providers.toml").write_text("[heygen.models.photo-avatar]\nprice_per_s = 0.10\n")
    file = tmp_path / "plan.json"
    greenroom("plan", "--out", str(file), site=priced)
    (tmp_path / "providers.toml").write_text("[heygen.models.photo-avatar]\nprice_per_s = 0.20\n")

    ran = greenroom("warm", "--plan", str(file), site=priced)

    assert ran.code == Status.FAILED
    assert "was agreed" in ran.err
    assert greenroom("renders", "--json", site=priced).document["renders"] == []


@pytest.mark.parametrize(("text", "words"), [("no plan", "no JSON"), ('{"has_work": true}', "another JSON document")])
def test_a_file_that_is_no_plan_is_told(greenroom: Greenroom, copy: Site, tmp_path, text, words):
    (tmp_path / "plan.json").write_text(text)

    ran = greenroom("warm", "--plan", str(tmp_path / "plan.json"), site=copy)

    assert ran.code == Status.FAILED
    assert words in ran.err


@pytest.mark.parametrize("more", [("--plan", "nowhere.json"), ("--plan", __file__, "--only", "dogs")])
def test_what_cannot_be_meant_is_usage(greenroom: Greenroom, copy: Site, more):
    assert greenroom("warm", *more, site=copy).code == Status.USAGE
