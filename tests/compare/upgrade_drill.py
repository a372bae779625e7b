"""The way up and back, for real: an older checkout warms and serves, this one migrates, the older one goes on.

    python -m tests.compare.upgrade_drill CHECKOUT

Where the schema of today does not allow the older version, it must say `schema_newer`; that is fine, too, and told.
"""

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.compare.checkout import CheckoutSite
from tests.compare.older_site import ANSWERED, write_small_catalog
from tests.support.chat_client import ChatClient

COMMANDS = (("renders",), ("plan",), ("warm",), ("store", "verify"), ("audit", "verify"))
FINE = {0, 3}


@dataclass
class Drill:
    """One site, by both versions."""

    older: CheckoutSite
    newer: CheckoutSite
    wrong: int = 0

    def run(self) -> int:
        """Go up, and back; the number of steps that went wrong."""
        self.expect("the older version warms", self.older, "warm")
        self.serves("the older version answers", self.older)
        self.expect("this version looks, and changes nothing", self.newer, "doctor", "--only", "database")
        self.expect("this version migrates, and has nothing to render", self.newer, "warm")
        if self.allowed():
            for command in COMMANDS:
                self.expect(f"the older version on the new schema: {' '.join(command)}", self.older, *command)
            self.serves("the older version answers on the new schema", self.older)
        self.serves("this version answers, up again", self.newer)
        return self.wrong

    def allowed(self) -> bool:
        """Whether the older version may run on the new schema; if not, it has to say so."""
        looked = self.older.run("doctor", "--only", "database")
        if looked.returncode == 0:
            told(looked.stdout.strip())
            return True
        refused = self.older.run("renders")
        self.note("the older version says why it does not run", "schema_newer" in refused.stdout + refused.stderr)
        told(refused.stdout + refused.stderr)
        return False

    def expect(self, what: str, site: CheckoutSite, *command: str) -> None:
        """Run a command of a version."""
        ran = site.run(*command)
        self.note(what, ran.returncode in FINE)
        if ran.returncode not in FINE:
            told(ran.stdout + ran.stderr)

    def serves(self, what: str, site: CheckoutSite) -> None:
        """Serve, ask, and get the stored answer."""
        with site.served() as address:
            outcome = asyncio.run(_ask(address))
        self.note(what, outcome == "answered")

    def note(self, what: str, well: bool) -> None:  # noqa: FBT001
        """Tell a step, and count it if it went wrong."""
        told(f"{'ok  ' if well else 'FAIL'} {what}")
        self.wrong += not well


async def _ask(address: str) -> str:
    async with ChatClient(address) as visitor:
        return str((await visitor.ask(ANSWERED))[-1]["outcome"])


def told(text: str) -> None:
    """Print for whoever watches."""
    print(text, flush=True)  # noqa: T201 - what it is for


def main() -> int:
    """Do it in a folder that goes again."""
    checkout = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="upgrade-drill-") as made:
        write_small_catalog(Path(made))
        return Drill(CheckoutSite(Path(made), checkout), CheckoutSite(Path(made))).run()


if __name__ == "__main__":
    sys.exit(min(main(), 1))
