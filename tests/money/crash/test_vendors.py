"""A small catalog filmed by a vendor's simulator and spoken by another one's, as `greenroom warm` does it."""

import pytest

from tests.money.crash.lane import holdings, lane
from tests.money.crash.places import Place, write_place
from tests.money.crash.worker import Orders, run

ANSWERS = {
    "hours": "We are open from nine to five.",
    "dogs": "Dogs wait at the door, where there is water.",
    "tickets": "A ticket is twelve euros.",
}


@pytest.mark.parametrize(("vendor", "voice"), [("fal", "elevenlabs"), ("sync", "openai")], ids=str)
def test_every_answer_is_filmed_and_paid_once(tmp_path, vendor, voice):
    with lane(vendor) as simulators:
        place = Place(tmp_path, vendor, simulators.url, voice=voice)
        write_place(place, ANSWERS)

        code = run(Orders(place, at_once=2))
        again = run(Orders(place, at_once=2))
        bill, left = simulators.bill(), holdings(tmp_path)

    assert (code, again) == (0, 0)
    assert (bill["jobs_charged"], bill["paid_twice"]) == (3, 0)
    assert (left.clips, left.states) == (3, ("ready",) * 3)
