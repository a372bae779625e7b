"""Figures of the process, and of the database and the store that it depends on."""

import contextlib

import sqlalchemy
from prometheus_client import CollectorRegistry, Counter, generate_latest

from app.adapters.sql.engine import Database
from app.runtime.serving.node_metrics import DatabaseMetrics, ReachMetrics, show_process


async def test_statements_are_timed_and_failures_counted(tmp_path):
    registry, database = CollectorRegistry(), Database(f"sqlite:///{tmp_path / 'one.db'}")
    DatabaseMetrics(registry, database)

    async with database.reading() as connection:
        await connection.execute(sqlalchemy.text("SELECT 1"))
        lent = registry.get_sample_value("greenroom_database_connections_in_use")
        with contextlib.suppress(sqlalchemy.exc.OperationalError):
            await connection.execute(sqlalchemy.text("SELECT nothing"))

    told = {
        name: registry.get_sample_value(f"greenroom_database_{name}")
        for name in ("errors_total", "connections_in_use", "query_seconds_count")
    }
    assert lent == 1
    assert told["connections_in_use"] == 0
    assert told["errors_total"] == 1
    assert (told["query_seconds_count"] or 0) >= 1
    assert (registry.get_sample_value("greenroom_database_connections_max") or 0) > 1
    await database.close()


async def test_a_database_and_a_store_that_are_away_are_told():
    registry, told = CollectorRegistry(), []
    found = iter([{}, {"store": "gone"}, {"store": "gone", "database": "gone"}, {}])

    async def failures():
        return next(found)

    reach = ReachMetrics(registry, failures)
    for _ in range(4):
        await reach.read()
        told.append(tuple(registry.get_sample_value(f"greenroom_{name}_up") for name in ("database", "store")))

    assert told == [(1, 1), (1, 0), (0, 0), (1, 1)]


def test_the_process_tells_its_version_and_no_series_says_when_it_began():
    registry = CollectorRegistry()
    Counter("greenroom_any", "Any.", registry=registry)
    show_process(registry, version="1.2.3")

    page = generate_latest(registry).decode()

    assert 'greenroom_build_info{version="1.2.3"} 1.0' in page
    assert "process_resident_memory_bytes" in page
    assert "greenroom_any_total" in page
    assert "_created" not in page
