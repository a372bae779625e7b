"""The restore drill of docs/operating/backup.md: its own commands, both ways round, beside a provider's own bill."""

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner, Result

from app.cli.main import app
from app.simulators.context import SimulatorContext
from app.simulators.server import create_app
from app.simulators.stub_video import PlainMedia
from tests.docs.pages import ROOT
from tests.journeys.probes import fetch
from tests.money.crash.places import SIDE_PX, Place, write_place
from tests.support.object_storage import ObjectStorage
from tests.support.simulated import served

PAGE = (ROOT / "docs" / "operating" / "backup.md").read_text()
BLOCKS = dict(re.findall(r"^```sh ([\w-]+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))

ANSWERS = {"opening": "From ten to six.", "tickets": "Twelve euros.", "dogs": "On a lead."}
BEFORE = "opening"
"""The only intent that is filmed before the backup."""

SQLITE3 = """#!/bin/sh
exec {python} -c "
import sqlite3, sys
word, target = sys.argv[2].split()
assert word == '.backup'
sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(target))
" "$@"
"""
"""What the page needs of sqlite3, where only Python has it."""


@dataclass
class Operator:
    """Somebody at a shell in the site's folder, with the page in hand."""

    folder: Path
    kind: str
    simulators: str
    environment: dict[str, str]

    def types(self, name: str) -> list[Result]:
        """Type a block of the page; commands of ours run in this process, and their results are returned."""
        done = []
        for line in BLOCKS[name].splitlines():
            if line.startswith("greenroom "):
                words = [os.path.expandvars(word) for word in shlex.split(line)[1:]]
                done.append(self.runs(*words))
            else:
                subprocess.run(["sh", "-ec", line], cwd=self.folder, check=True, capture_output=True)
        return done

    def runs(self, *words: str) -> Result:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code in {0, 3}, (words, result.output)
        return result

    def document(self, *words: str) -> Any:
        return json.loads(self.runs(*words, "--json").stdout.splitlines()[-1])

    def bill(self) -> tuple[int, Decimal]:
        """What the provider and the voice have counted: films, dollars."""
        _, _, body = fetch(f"{self.simulators}/_admin/bill")
        bill = json.loads(body)
        return bill["jobs_charged"], Decimal(bill["amount"])

    def loses_the_store(self) -> None:
        if self.kind == "sqlite":
            shutil.rmtree(self.folder / "cache")
        else:
            os.environ["GREENROOM_CACHE"] = os.environ["GREENROOM_CACHE"] + "-anew"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def operator(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    object_storage: ObjectStorage,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Operator]:
    with ExitStack() as stack:
        media = PlainMedia(longest_px=SIDE_PX)
        url = stack.enter_context(served(create_app(SimulatorContext(latency_s=0.1, private_media=True, media=media))))
        place = Place(tmp_path, "fal", url)
        write_place(place, ANSWERS)
        tools = tmp_path / "tools"
        tools.mkdir()
        told = {
            **place.environment,
            "GREENROOM_CATALOG": "intents",
            "GREENROOM_CACHE": "cache",
            "GREENROOM_DATABASE_URL": "sqlite+aiosqlite:///state/greenroom.db",
            "GREENROOM_BUDGET_DAY_USD": "100",
            "GREENROOM_QUALITY_GATE": "media",
            "NO_COLOR": "1",
        }
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres")
            address = make_url(asyncio.run(server.empty_database()))
            told |= {
                **object_storage.environment,
                "GREENROOM_CACHE": object_storage.empty_place(),
                "GREENROOM_SCRATCH_DIR": str(tmp_path / "scratch"),
                "GREENROOM_DATABASE_URL": address.render_as_string(hide_password=False),
                "DATABASE": address.set(drivername="postgresql").render_as_string(hide_password=False),
                "BACKUP": object_storage.empty_place(),
            }
            tools = server.tools or tools
        elif shutil.which("sqlite3") is None:
            (tools / "sqlite3").write_text(SQLITE3.format(python=shutil.which("python3")))
            (tools / "sqlite3").chmod(0o755)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        yield Operator(tmp_path, request.param, url, told)


def test_a_database_older_than_its_store_costs_nothing(operator: Operator) -> None:
    operator.runs("warm", "--yes", "--only", BEFORE)
    operator.types(f"backup-{operator.kind}")
    operator.runs("warm", "--yes")
    paid = operator.bill()
    assert paid[0] == len(ANSWERS)

    operator.types(f"restore-{operator.kind}")  # the database of before; the store keeps what is newer
    looked = operator.types("look")

    assert len(operator.document("renders")["renders"]) == 1, "the ledger has forgotten the others"
    assert all("fail" not in result.stdout for result in looked)
    plan = operator.document("plan")
    assert (plan["has_work"], plan["counts"]["unchanged"]) == (False, len(ANSWERS))
    warmed = operator.document("warm", "--yes")
    assert (warmed["ended"], warmed["clips_done"], warmed["clips_unchanged"]) == ("finished", 0, len(ANSWERS))
    assert operator.bill() == paid, "nothing was paid again"


def test_a_store_older_than_its_database_tells_what_is_missing_and_its_price(operator: Operator) -> None:
    operator.runs("warm", "--yes", "--only", BEFORE)
    operator.types(f"backup-{operator.kind}")
    operator.runs("warm", "--yes")
    films, paid = operator.bill()

    operator.loses_the_store()
    operator.runs(*_copy_of(f"restore-{operator.kind}"))  # the store alone
    operator.types("look")

    plan = operator.document("plan")
    missing = {line["intent"] for item in plan["new"] for line in item["lines"]}
    price = sum(Decimal(str(item["price"])) for item in plan["new"])
    assert missing == ANSWERS.keys() - {BEFORE}
    assert price > 0
    assert _lost() == len(missing), "not without a word"
    assert operator.bill() == (films, paid), "looking costs nothing"
    warmed = operator.document("warm", "--yes")
    assert (warmed["ended"], warmed["clips_done"]) == ("finished", len(missing))
    assert operator.bill()[0] == films + len(missing), "each missing clip once more, as the plan said"
    assert operator.document("plan")["has_work"] is False
    assert operator.runs("doctor", "--only", "clips").exit_code == 0
    renders = operator.document("renders")["renders"]
    assert len(renders) == len(ANSWERS) + len(missing), "the ledger keeps both payments"


def _lost() -> int:
    """How many clips `doctor` says were paid for and are gone."""
    looked = CliRunner().invoke(app, ["doctor", "--only", "clips"])
    assert looked.exit_code == 1
    said = " ".join(looked.stdout.split())
    told = re.search(r"(\d+) clips of the catalog were rendered before, for ([\d.]+) USD", said)
    assert told, said
    assert Decimal(told[2]) > 0
    return int(told[1])


def _copy_of(block: str) -> list[str]:
    """The line of a block that restores the store."""
    (line,) = [line for line in BLOCKS[block].splitlines() if line.startswith("greenroom store copy")]
    return [os.path.expandvars(word) for word in shlex.split(line)[1:]]


def test_the_page_has_the_blocks_of_the_drill() -> None:
    kinds = ("sqlite", "postgresql")

    assert BLOCKS.keys() == {f"{deed}-{kind}" for deed in ("backup", "restore") for kind in kinds} | {"look"}
    for kind in kinds:
        lines = BLOCKS[f"backup-{kind}"].splitlines()
        database = next(number for number, line in enumerate(lines) if line.startswith(("sqlite3", "pg_dump")))
        store = next(number for number, line in enumerate(lines) if line.startswith("greenroom store copy"))
        assert database < store, "the order that costs nothing"
