"""Three cells of the crash matrix; `make crash` plays all of it."""

import pytest

from tests.money.crash.matrix import crash


@pytest.mark.parametrize(("kind", "point"), [("find", "taken_unheard"), ("key", "begun"), ("nothing", "taken_unheard")])
def test_a_killed_worker_is_never_paid_for_twice(tmp_path, kind, point):
    ending = crash(kind, point, tmp_path)

    assert ending.is_right, ending
