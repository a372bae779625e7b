"""The table of defences that are switched off by hand stands on the code and on the page as they are."""

import pytest

from tests.trust.defences import DEFENCES, ROOT, switch_off

PAGE = (ROOT / "docs/security.md").read_text()


@pytest.mark.parametrize("defence", DEFENCES, ids=lambda one: one.test.rsplit("::", 1)[1])
def test_a_defence_is_where_the_table_says_and_its_test_is_on_the_page(defence, tmp_path):
    copy = tmp_path / defence.file
    copy.parent.mkdir(parents=True)
    copy.write_text((ROOT / defence.file).read_text())

    switch_off(defence, tmp_path)

    assert copy.read_text() != (ROOT / defence.file).read_text()
    compile(copy.read_text(), defence.file, "exec")
    assert f"`{defence.test}`" in PAGE
