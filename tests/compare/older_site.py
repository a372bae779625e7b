"""Makes `tests/data/site-285606a`: a small site, warmed, published, asked and left by an older checkout.

    python -m tests.compare.older_site CHECKOUT [FOLDER]

CHECKOUT is a folder with the older code in it: `git worktree add ../older 285606a`.
"""

import asyncio
import io
import json
import lzma
import shutil
import sqlite3
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from tests.compare.checkout import HERE, CheckoutSite
from tests.journeys.probes import fetch
from tests.support.catalogs import FILES as BASIC
from tests.support.catalogs import write_catalog
from tests.support.chat_client import ChatClient
from tests.support.sites import SAMPLE_PORTRAIT, SMALL

FOLDER = HERE / "tests" / "data" / "site-285606a"

PORTRAIT_PX = 512
VIDEO = {"height": 176, "fps": 12}
"""The smallest picture there may be; below 12 frames a second the gate finds too few in a short clip."""

ANSWERED = "When are you open?"
MISSED = "who won the cup final"
GENERATED = "Was it a sailmaker's shed?"
WAITING = "What is the price for an adult?"

FILES: dict[str, Any] = {
    "avatars/mira.yaml": SMALL | {"portrait": "mira.jpg", "video": VIDEO},
    "avatars/mira.png": None,
    "knowledge/history.md": "# How it began\n\nIt was a sailmaker's shed.\n",
    "visiting/dogs.yaml": None,
    "visiting/opening-hours.yaml": BASIC["visiting/opening-hours.yaml"] | {"answer": {"en": ["From ten.", "At ten."]}},
    "visiting/tickets.yaml": BASIC["visiting/tickets.yaml"] | {"answer": {"en": "It is {{ facts.prices.adult }}."}},
    "roles/greeting.yaml": {"title": "Welcome", "role": "greeting", "answer": {"en": "Hello."}},
    "roles/holding.yaml": {"title": "One moment", "role": "holding", "answer": {"en": "One moment."}},
    "roles/unclear.yaml": {"title": "Not understood", "role": "unclear", "answer": {"en": "I do not know."}},
    "roles/apology.yaml": {"title": "Sorry", "role": "apology", "answer": {"en": "Sorry for that."}},
    "roles/goodbye.yaml": {"title": "Goodbye", "role": "farewell", "answer": {"en": "Goodbye."}},
}


def main() -> None:
    """Make it anew."""
    checkout = Path(sys.argv[1]).resolve()
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER
    with tempfile.TemporaryDirectory(prefix="older-site-") as made:
        site = CheckoutSite(Path(made), checkout, more=(("LOGNAME", "keeper"),))
        write_small_catalog(site.root)
        for command in ("warm", "release publish"):
            ran = site.run(*command.split())
            if ran.returncode:
                sys.exit(ran.stdout + ran.stderr)
        with site.served() as address:
            visit = asyncio.run(_visit(address))
        _store(site, visit, folder)


def write_small_catalog(root: Path) -> None:
    """The catalog, with the sample's portrait in little."""
    write_catalog(root, files=FILES)
    (root / "intents" / "avatars" / "mira.png").unlink(missing_ok=True)
    portrait = Image.open(SAMPLE_PORTRAIT).convert("RGB").resize((PORTRAIT_PX, PORTRAIT_PX), Image.Resampling.LANCZOS)
    portrait.save(root / "intents" / "avatars" / "mira.jpg", quality=80)


async def _visit(address: str) -> dict[str, Any]:
    """Two visitors who miss something, and a session left with an answer on its way; what its visitor would know."""
    for _ in range(2):
        async with ChatClient(address) as guest:
            await guest.ask(MISSED)
    chat = ChatClient(address)
    await chat.connect()
    answered = (await chat.ask(ANSWERED))[-1]["turn"]
    await _recorded(address, answered)
    await chat.send("feedback", id="f1", turn=answered, score="up", comment="Clear.")
    await chat.send("input.text", id="g1", text=GENERATED)
    generated = (await chat.receive_until("response.done", within_s=120))[-1]
    if generated["outcome"] != "generated":
        sys.exit(f"Expected a generated answer, got {generated}.")
    before = max(message["seq"] for message in chat.received)
    await chat.send("input.text", id="w1", text=WAITING)
    waiting = (await chat.receive_until("response.done"))[-1]["turn"]
    await chat.drop()
    visitor = {name: chat.session[name] for name in ("session", "resume_token")}
    return {**visitor, "last_seq": before, "answered": answered, "generated": generated["turn"], "waiting": waiting}


async def _recorded(address: str, turn: str) -> None:
    """Until the log has the turn: it is written beside the answer, and only then can it be rated."""
    async with asyncio.timeout(60):
        while True:
            status, _, _ = await asyncio.to_thread(fetch, f"{address}/v1/turns/{turn}")
            if status == 200:
                return
            await asyncio.sleep(0.05)


def _store(site: CheckoutSite, visit: dict[str, Any], folder: Path) -> None:
    """Catalog and visit as they are, store and database in one archive."""
    database = site.root / "state" / "greenroom.db"
    with sqlite3.connect(database) as plain:
        plain.execute("PRAGMA journal_mode = DELETE")
        plain.execute("VACUUM")
    shutil.rmtree(folder / "intents", ignore_errors=True)
    shutil.copytree(site.catalog, folder / "intents")
    (folder / "visit.json").write_text(json.dumps(visit, indent=1) + "\n", encoding="utf-8")
    (folder / "site.tar.xz").write_bytes(_archive(site.root, [site.cache / "v1", database]))


def _archive(root: Path, parts: list[Path]) -> bytes:
    """One archive of files and folders below a root; the same files make the same bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        files = sorted(path for part in parts for path in (part, *part.rglob("*")) if path.is_file())
        for path in files:
            entry = tarfile.TarInfo(str(path.relative_to(root)))
            entry.size, entry.mode = path.stat().st_size, 0o644
            archive.addfile(entry, io.BytesIO(path.read_bytes()))
    return lzma.compress(packed.getvalue())


if __name__ == "__main__":
    main()
