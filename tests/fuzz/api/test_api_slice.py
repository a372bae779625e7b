"""The slice of `make fuzz` in CI: the same cases each time, against a server that was started for real."""

import pytest

from tests.fuzz.api.run import fuzz
from tests.support.sites import small_site


def test_the_routes_of_visitors_answer_as_the_document_says(tmp_path):
    outcome = fuzz(small_site(tmp_path), most=5, only="^/(v1/(sessions|match|chat)|clips|livez|readyz|metrics)")

    assert not outcome.failed, outcome.told
    assert outcome.operations >= 9
    assert outcome.cases > 150


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_every_route_answers_as_the_document_says(tmp_path):
    outcome = fuzz(small_site(tmp_path), most=5)

    assert not outcome.failed, outcome.told
    assert outcome.operations >= 65
    assert outcome.cases > 2500
