from app.catalog.model import IntentFile, Role
from app.catalog.roles import role_of, settle_roles

IDLE = IntentFile(title="x", role=Role.IDLE)
PLAIN = IntentFile(title="x")


def test_without_a_list_each_intent_says_its_role():
    players, complaints = settle_roles({}, [("a", IDLE), ("b", PLAIN), ("c", IDLE)])

    assert players == {Role.IDLE: ("a", "c")}
    assert complaints == ()
    assert role_of("b", players) is Role.ANSWER


def test_a_list_gives_roles_to_intents_that_say_nothing():
    players, complaints = settle_roles({Role.HOLDING: ("b",)}, [("a", IDLE), ("b", PLAIN)])

    assert players == {Role.HOLDING: ("b",), Role.IDLE: ("a",)}
    assert complaints == ()
    assert role_of("b", players) is Role.HOLDING


def test_one_intent_in_two_roles_is_a_complaint():
    _, complaints = settle_roles({Role.HOLDING: ("b",), Role.IDLE: ("b",)}, [("b", PLAIN)])

    assert [one.path for one in complaints] == [("roles", "idle", 0)]


def test_an_intent_that_is_left_out_is_a_complaint():
    _, complaints = settle_roles({Role.IDLE: ("b",)}, [("a", IDLE), ("b", PLAIN)])

    assert [one.path for one in complaints] == [("roles", "idle")]
