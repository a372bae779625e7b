"""What all tests share: one small site, warmed once and served, for the journeys."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.long import remember_shares
from tests.support.object_storage import ObjectStorage, an_object_storage
from tests.support.postgres import Postgres, a_postgres
from tests.support.shared import made_once
from tests.support.sites import Site, small_site

os.environ.setdefault("GREENROOM_LISTEN", "off")
"""Tests say when clips are heard: whether the extra `ears` is installed here changes none of the others."""

EVERYWHERE = {"database": None, "deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
"""Nothing is kept between runs, and no test is judged by how busy the machine is."""

settings.register_profile("fixed", derandomize=True, **EVERYWHERE)
settings.register_profile("random", derandomize=False, print_blob=True, **EVERYWHERE)
settings.load_profile("fixed")  # `make fuzz` says --hypothesis-profile=random, which pytest reads after this


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without the garbage collector, which would go through all of it again and again: it stays to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Count long and short tests by file, before `-m` takes some away."""
    remember_shares(config, items)


@pytest.fixture(scope="session")
def warmed_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A small catalog, filmed by `greenroom warm` with the local voice and renderer: once, then copied."""
    filmed = made_once(tmp_path_factory, "site", _film)
    shutil.copytree(filmed, tmp_path_factory.getbasetemp() / "site")
    return Site(tmp_path_factory.getbasetemp() / "site")


def _film(folder: Path) -> None:
    run = small_site(folder).run("warm")
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.fixture(scope="session")
def live_server(warmed_site: Site) -> Iterator[str]:
    """The address of `greenroom serve` on that site."""
    with warmed_site.served() as address:
        yield address


@pytest.fixture(scope="session")
def object_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStorage]:
    """A real S3 server."""
    with an_object_storage(tmp_path_factory.mktemp("storage")) as storage:
        yield storage


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A real PostgreSQL; every test makes databases of its own in it."""
    with a_postgres() as server:
        yield server


@pytest.fixture
def repository() -> Path:
    """The root of the repository."""
    return Path(__file__).parents[1]
