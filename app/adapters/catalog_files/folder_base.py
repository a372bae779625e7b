"""Note of a catalog's folder about the release that it was made from: a small hidden file beside `catalog.yaml`.

It travels with the folder: a copy has it, and so has a git checkout if it is committed.
"""

import json
import os
from contextlib import suppress
from pathlib import Path

from app.authoring.releases.base import FolderBase
from app.digest import Digest
from app.errors import DigestError

BASE_FILE = ".greenroom-base.json"

_SAYS = "Written by `greenroom release`: the release that this folder was made from. Keep it with the folder."


def read_base(folder: Path) -> FolderBase | None:
    """Return the note; None if there is none that can be read."""
    try:
        document = json.loads((folder / BASE_FILE).read_bytes())
        drafts = tuple(Digest(one) for one in document.get("drafts", ()))
        return FolderBase(int(document["release"]), Digest(document["catalog"]), drafts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, DigestError):
        return None


def write_base(folder: Path, base: FolderBase) -> bool:
    """Write the note; False if the folder cannot be written: then its files must tell."""
    document = {"release": base.release, "catalog": base.catalog, "drafts": list(base.drafts), "says": _SAYS}
    target = folder / BASE_FILE
    draft = target.with_name(f"{BASE_FILE}.{os.getpid()}.draft")
    try:
        draft.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        draft.replace(target)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        return False
    return True
