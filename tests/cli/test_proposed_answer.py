"""`greenroom answer intent --chat`: the chat model words a draft out of the documents, and is paid from the ledger."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Greenroom
from tests.support.catalogs import write_catalog
from tests.support.simulated import Simulated, simulators
from tests.support.sites import SAMPLE_PORTRAIT, Site

LOCKERS = "# Lockers\n\nLockers stand beside the cloakroom. A locker costs one euro, and children use it for nothing.\n"


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulated]:
    with simulators() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{running.url}/openai")
        monkeypatch.setenv("OPENAI_API_KEY", "key")
        monkeypatch.setenv("GREENROOM_BUDGET_DAY_USD", "1")
        yield running


@pytest.fixture
def desk(tmp_path: Path) -> Site:
    files = {"knowledge/lockers.md": LOCKERS, "avatars/mira.png": SAMPLE_PORTRAIT.read_bytes()}
    write_catalog(tmp_path, files=files)
    return Site(tmp_path)


def test_a_model_words_a_draft_from_the_documents(greenroom: Greenroom, desk: Site, model: Simulated) -> None:
    del model
    ran = greenroom("answer", "intent", "Lockers", "What does a locker cost?", "--chat", "--json", site=desk)

    assert ran.code == 0, ran.err
    written = next(Path(desk.catalog).rglob("lockers.yaml")).read_text(encoding="utf-8")
    assert "draft: true  # answer proposed by the chat model, from the documents" in written
    assert "A locker costs one euro" in written
    spent = greenroom("renders", "spend", "--csv", site=desk).out.splitlines()
    assert [line.split(",").count("chat") for line in spent[1:] if "openai" in line] == [1]


def test_without_a_key_nothing_is_written_and_the_way_out_is_told(greenroom: Greenroom, desk: Site) -> None:
    ran = greenroom("answer", "intent", "Lockers", "What does a locker cost?", "--chat", site=desk)

    assert ran.code != 0
    assert "OPENAI_API_KEY" in ran.err
    assert not [*Path(desk.catalog).rglob("lockers.yaml")]
