"""The slice of `make fuzz` in CI: the same damage each time; nothing ends but in words, and memory stays."""

import pytest

from tests.fuzz.readers.everything import MOST_GROWTH_MB, READERS, read

SLICES = {"webhooks": 4000, "catalogs": 150, "exports": 400, "films": 40, "sounds": 40, "pictures": 40}


@pytest.mark.parametrize("name", READERS)
def test_whatever_comes_is_read_or_refused(name):
    counted, growth_mb = read(name, SLICES[name], seed=7)

    assert len(counted) > 1, "some pass, some do not"
    assert growth_mb < MOST_GROWTH_MB
