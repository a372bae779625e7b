"""Nothing is locked whose licence binds who runs Greenroom, but for what is named with its reason."""

from tests.trust.licences import ALLOWED, COPYLEFT, LOCKS, NAMED, locked, problems


def test_every_locked_package_has_a_licence_that_is_allowed():
    assert list(problems()) == []


def test_copyleft_is_told_from_what_is_allowed():
    assert COPYLEFT.search("GPL-3.0-or-later")
    assert COPYLEFT.search("License :: OSI Approved :: GNU Affero General Public License v3")
    assert not ALLOWED.search("Proprietary")
    assert ALLOWED.search("Apache-2.0")
    assert not COPYLEFT.search("BSD-3-Clause")


def test_what_is_named_is_locked_and_says_why():
    everything = {name for lock in LOCKS for name in locked(lock)}

    assert NAMED.keys() <= everything
    assert all(NAMED.values())


def test_nothing_copyleft_is_in_the_image():
    image = set(locked(LOCKS[0]))

    assert not [name for name, reason in NAMED.items() if "GPL" in reason and name in image]
