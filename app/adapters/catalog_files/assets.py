"""Assets: files that a description names beside itself, such as portraits, papers and recordings."""

from pathlib import Path

from app.adapters.catalog_files.reader import Reader
from app.catalog.findings import Complaint, KeyPath
from app.digest import Digest, digest_bytes

MAX_ASSET_BYTES = 32 << 20
"""Largest portrait or evidence file in bytes; providers take portraits up to 10 to 20 MB."""


def asset(
    reader: Reader, root: Path, file: str, *, name: str, path: KeyPath, beside: str = "the avatar"
) -> tuple[Path, Digest] | None:
    """Return a file that a description names, relative to its own folder; None with a finding."""
    try:
        target = ((root / file).parent / name).resolve()
        if target.is_relative_to(root):
            reader.named.add(target.relative_to(root).as_posix())
        problem = _problem(root, target, name, beside)
        content = b"" if problem else target.read_bytes()
    except (OSError, RuntimeError, ValueError) as error:
        problem = (
            "file-unreadable",
            f"Cannot read the file `{name[:80]}`: {error}.",
            "Check name and permissions.",
        )
        content = b""
    if problem:
        rule, message, hint = problem
        reader.complain(file, Complaint(rule, path, message, hint))
        return None
    return target, digest_bytes(content)


def _problem(root: Path, target: Path, name: str, beside: str) -> tuple[str, str, str] | None:
    """Return the reason why a named file cannot be used (rule, message, hint), or None."""
    if Path(name).is_absolute() or not target.is_relative_to(root):
        message = f"Expected a file inside the catalog folder, got `{name}`, which leaves it."
        return "path-outside", message, f"Copy the file beside {beside} and name it without `..`."
    if not target.is_file():
        return "file-missing", f"Expected a file beside {beside}, got `{name}`, which is not there.", "Add the file."
    size = target.stat().st_size
    if not 0 < size <= MAX_ASSET_BYTES:
        return "file-too-large", f"Expected 1 to {MAX_ASSET_BYTES} bytes, got {size} in `{name}`.", "Save it again."
    return None
