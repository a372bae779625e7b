"""A minute of `make soak`: visitors are answered throughout, and nothing that the node holds grows with the time."""

import asyncio

import pytest

from tests.endurance.sampling import Sample, as_table, growth
from tests.endurance.soak import SETTINGS, Soak, outgrown, soak, two_releases


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_minute_of_visitors_faults_and_switches_leaves_nothing_behind(warmed_site, tmp_path):
    site = warmed_site.copied(tmp_path / "site")
    two_releases(site)
    with site.node(**SETTINGS) as node:
        soaking = Soak(site, node)
        asyncio.run(soak(soaking, visitors=12, seconds=60, fault_every_s=9, look_every_s=2))
        assert node.process.poll() is None

    assert outgrown(soaking) == {}, as_table(soaking.samples)
    assert soaking.counted["answered"] > 12
    assert soaking.counted["switches"] >= 3


def test_growth_is_that_of_the_last_third_over_the_second():
    samples = [Sample(float(n), 100.0 + max(0, n - 5) * 10, 9, 1) for n in range(9)]

    assert growth(samples, "memory_mb") == 20.0
    assert growth(samples, "handles") == 0
