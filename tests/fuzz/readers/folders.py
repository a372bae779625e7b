"""Catalogs and exports as nobody writes them: a catalog is loaded or has findings, an export is read or refused."""

import random
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from app.adapters.catalog_files.imports.recognise import gather
from app.adapters.catalog_files.loader import load_catalog
from app.errors import GreenroomError
from tests.fuzz.readers.mutations import damaged
from tests.support.catalogs import write_catalog

EXPORTS = Path(__file__).parents[2] / "data" / "imports"


def load_damaged(catalogs: int, seed: int) -> Counter[str]:
    """Load so many catalogs with one or two damaged files; how many are whole, how many have findings."""
    chance = random.Random(seed)
    counted: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        root = write_catalog(Path(folder), fallback={"examples": ["When did the museum open?"]})
        good = {str(file.relative_to(root)): file.read_bytes() for file in _texts(root)}
        for _ in range(catalogs):
            names = chance.sample(sorted(good), chance.choice((1, 1, 2)))
            edited = {name: damaged(good[name], list(good.values()), chance) for name in names}
            result = load_catalog(root, edited=edited)
            counted["whole" if result.catalog else "findings"] += 1
            assert result.catalog or result.findings
            assert all(str(finding) for finding in result.findings)
    return counted


def import_damaged(exports: int, seed: int) -> Counter[str]:
    """Read so many exports with a damaged file; how many were read, by kind, and how many refused."""
    chance = random.Random(seed)
    counted: Counter[str] = Counter()
    sources = sorted(path for path in EXPORTS.iterdir() if path.name != "README.md")
    others = [path.read_bytes() for path in sorted(EXPORTS.rglob("*")) if path.is_file()]
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(exports):
            copy = Path(folder) / "export"
            shutil.copytree(chance.choice(sources), copy)
            files = sorted(path for path in copy.rglob("*") if path.is_file())
            file = chance.choice(files)
            file.write_bytes(damaged(file.read_bytes(), others, chance))
            try:
                counted[gather(chance.choice((copy, file))).kind] += 1
            except GreenroomError:
                counted["refused"] += 1
            shutil.rmtree(copy)
    return counted


def _texts(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.suffix in {".yaml", ".md"})
