"""Licences of the locked packages: `python -m tests.trust.licences` lists those that are not allowed."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = (ROOT / "deploy/requirements.lock", ROOT / ".ci/requirements.lock")

ALLOWED = re.compile(
    r"MIT|BSD|Apache|ISC\b|ISCL|PSF|Python Software Foundation|MPL|Mozilla|Unlicense|HPND|Zlib|CC0|Public Domain|"
    r"Historical Permission",
    re.IGNORECASE,
)
COPYLEFT = re.compile(r"GPL|General Public|AGPL|SSPL|Business Source|Elastic", re.IGNORECASE)

NAMED: dict[str, str] = {
    "axe-playwright-python": "MIT in its licence file",
    "fal-client": "Apache-2.0 in its licence file; development only",
    "libfaketime": "GPL-2.0, a program beside the tests that need another time; in no image and imported by nothing",
    "promql-parser": "MIT in its licence file",
    "resvg-py": "MIT in its licence file",
    "syncsdk": "the vendor's own client, which checks its simulator; development only",
    "taskiq-dependencies": "MIT in its licence file",
}
"""Packages whose licence is another one, or is not told by their metadata, and why they may be there."""


def locked(path: Path) -> tuple[str, ...]:
    """Return the names of a lock file."""
    return tuple(re.findall(r"^([A-Za-z0-9._-]+)==", path.read_text(), re.MULTILINE))


def told(package: Distribution) -> str:
    """Return what a package tells of its licence: an expression, a field, or its classifiers."""
    meta = package.metadata
    classifiers = [one for one in meta.get_all("Classifier") or () if one.startswith("License ::")]
    field = (meta.get("License") or "").strip()
    return " | ".join([meta.get("License-Expression") or "", field[:300], *classifiers]).strip(" |")


def problems() -> Iterator[str]:
    """Yield the locked packages that are installed here and whose licence is not allowed."""
    for name in sorted({name for lock in LOCKS for name in locked(lock)}):
        try:
            licence = told(distribution(name))
        except PackageNotFoundError:
            continue  # for another platform, or another Python
        if name in NAMED:
            continue
        if COPYLEFT.search(licence) or not ALLOWED.search(licence):
            yield f"{name}: {licence or 'tells no licence'}"


if __name__ == "__main__":
    found = list(problems())
    print("\n".join(found) or "Every locked package has a licence that is allowed.")
    sys.exit(bool(found))
