"""Order of the test files: the dearest first, so that no core is left with one of them at the end."""

from typing import Final

import pytest

DEAREST: Final = (
    "tests/docs/test_cli.py",  # its own tests are quick: the first that wants `warmed_site` waits until it is filmed
    "tests/faults/test_matrix.py",
    "tests/money/crash/test_crash.py",
    "tests/journeys/test_warming.py",
    "tests/matching/fit/test_thresholds.py",
    "tests/benchmarks/test_slice.py",
    "tests/matching/fit/test_catalog_tests.py",
    "tests/journeys/test_releases.py",
    "tests/browser/test_widget.py",
    "tests/faults/test_sharing.py",
    "tests/faults/test_full_disk.py",
    "tests/faults/test_database.py",
    "tests/cli/test_error_edge.py",
    "tests/money/crash/test_vendors.py",
    "tests/money/crash/test_scale.py",
    "tests/money/test_model.py",
    "tests/fuzz/test_slice.py",
    "tests/contracts/test_renderers.py",
    "tests/journeys/test_two_nodes.py",
    "tests/journeys/test_object_storage.py",
    "tests/browser/test_accessibility.py",
    "tests/cli/test_commands.py",
    "tests/journeys/test_serving.py",
    "tests/journeys/test_older_site.py",
    "tests/journeys/test_redaction.py",
    "tests/browser/test_interrupt.py",
    "tests/browser/test_embedding.py",
    "tests/browser/test_robust.py",
    "tests/browser/test_media.py",
    "tests/browser/test_journey.py",
    "tests/adapters/encoders/test_int8.py",
    "tests/adapters/encoders/test_fine_tuning.py",
)
"""About in order of processor seconds, as `tests/support/cost.py` tells them; it need not be exact."""


def dearest_first(items: list[pytest.Item]) -> None:
    """Sort in place; all other files, and the tests within a file, keep their order."""
    rank = {name: number for number, name in enumerate(DEAREST)}
    items.sort(key=lambda item: rank.get(item.nodeid.split("::")[0], len(DEAREST)))
