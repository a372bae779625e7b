"""Seconds of `make attack`: hostile connections are cut off, honest visitors are answered, memory stays."""

import asyncio

import pytest

from tests.endurance.attack import ATTACKS, MOST_BYTES, attack

MOST_MB = 96
"""Less than a fifth of what fifty such connections send."""


@pytest.mark.long
@pytest.mark.timeout(600)
def test_what_fifty_addresses_send_at_once_is_not_kept(warmed_site, tmp_path):
    assert 50 * MOST_BYTES / 1e6 > 4 * MOST_MB
    site = warmed_site.copied(tmp_path / "site")
    with site.node(GREENROOM_LOG_LEVEL="error") as node:
        database = site.root / "state" / "greenroom.db"
        found = asyncio.run(attack(node, database, kinds=ATTACKS, visitors=6, seconds=20, after_s=1))
        assert node.process.poll() is None

    assert found.cut_off > 25, found.told()
    assert len(found.waits_s) > 6, found.told()
    assert found.lost == 0, found.told()
    assert max(found.memory_mb) - found.before_mb < MOST_MB, found.told()
