"""The page about the quality gate names every reason."""

import re

from app.rendering.media.faults import Fault
from tests.docs.pages import page


def test_every_reason_has_its_line():
    named = set(re.findall(r"^\| `([^`]+)` ", page("gate.md"), re.MULTILINE))

    assert named == {fault.value for fault in Fault}
