"""Every implementation that keeps state, in memory or at an engine, is held to its port's promises."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]

ENGINES = re.compile(r"^(Memory|Sql|Redis|Disk|Object)[A-Z]\w+$")

ELSEWHERE = {
    "MemoryBusMember": "made by `MemoryBus`, which test_node_bus names",
    "MemoryTracer": "beside OpenTelemetry's own, which tests/adapters/test_otel.py tries: no state of record",
}


def test_every_memory_sql_redis_disk_and_object_storage_part_is_in_a_contract_suite():
    named = {
        node.name
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and ENGINES.match(node.name)
    }
    suites = [*(ROOT / "tests/contracts").glob("*.py"), ROOT / "tests/support/stores.py"]
    tried = set(re.findall(r"\w+", "\n".join(path.read_text() for path in suites)))

    assert named - set(ELSEWHERE) - tried == set()
    assert len(named) >= 15
