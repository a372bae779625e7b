"""New answers are paused and resumed for all nodes, with a row in the audit log."""

import asyncio

from app.cli.output import Status
from app.conversation.rate_limits import GenerationCaps
from app.errors import GenerationCappedError
from app.runtime.settings.site import load_settings
from app.runtime.wiring.database import open_database
from app.runtime.wiring.responders import open_generation_caps


async def _is_let(caps: GenerationCaps) -> bool:
    try:
        await caps.take("a session", "an address")
    except GenerationCappedError as error:
        return "paused" not in str(error)
    return True


def _nodes_let(address: str) -> list[bool]:
    """Whether each of two nodes, with a connection of its own, lets a new answer be made."""

    async def asked() -> list[bool]:
        settings = load_settings(database_url=address)
        async with open_database(settings) as one, open_database(settings) as two:
            return [await _is_let(open_generation_caps(settings, database)) for database in (one, two)]

    return asyncio.run(asked())


def test_a_pause_holds_on_every_node_at_once_and_ends(tmp_path, monkeypatch, greenroom):
    address = f"sqlite+aiosqlite:///{tmp_path}/greenroom.db"
    monkeypatch.setenv("GREENROOM_DATABASE_URL", address)

    before = _nodes_let(address)
    paused = greenroom("pause", "answers", "--note", "games", site=None)
    again = greenroom("pause", "answers", "--json", site=None).document
    during = _nodes_let(address)
    resumed = greenroom("resume", "answers", "--json", site=None).document
    after = _nodes_let(address)
    rows = greenroom("audit", "list", "--action", "answers", "--json", site=None).document["rows"]

    assert (before, during, after) == ([True, True], [False, False], [True, True])
    assert (paused.code, paused.out) == (Status.OK, "New answers are paused on every node.\n")
    assert again == {"what": "answers", "state": "paused", "changed": False}
    assert resumed == {"what": "answers", "state": "resumed", "changed": True}
    assert [(row["act"]["action"], row["act"]["details"]) for row in rows] == [
        ("answers.resumed", {}),
        ("answers.paused", {"note": "games"}),
    ]
