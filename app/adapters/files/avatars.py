"""An avatar's files: its description, its portrait, its consent evidence."""

from dataclasses import dataclass
from pathlib import Path

from app.adapters.files.reader import Reader
from app.catalog.findings import Complaint
from app.catalog.model import AvatarFile
from app.catalog.places import KeyPath
from app.digest import Digest, digest_bytes

MAX_ASSET_BYTES = 32 << 20
"""The largest portrait or evidence file; providers take portraits up to 10 to 20 MB."""


@dataclass(frozen=True, slots=True)
class ReadAvatar:
    """An avatar's description, with its pictures and papers found and named by digest."""

    id: str
    file: str
    described: AvatarFile
    portrait_path: Path
    portrait_digest: Digest
    evidence_digest: Digest | None


def read_avatar(reader: Reader, root: Path, file: str) -> ReadAvatar | None:
    """The avatar, or None with findings; `root` has all links resolved."""
    described = reader.model(file, AvatarFile)
    if described is None:
        return None
    portrait = asset(reader, root, file, name=described.portrait, path=("portrait",))
    evidence_name = described.consent.evidence if described.consent else None
    evidence = None
    if evidence_name is not None:
        evidence = asset(reader, root, file, name=evidence_name, path=("consent", "evidence"))
    if portrait is None or (evidence_name is not None and evidence is None):
        return None
    return ReadAvatar(Path(file).stem, file, described, *portrait, evidence[1] if evidence else None)


def asset(
    reader: Reader, root: Path, file: str, *, name: str, path: KeyPath, beside: str = "the avatar"
) -> tuple[Path, Digest] | None:
    """A file that a description names, relative to its own folder; None with a finding."""
    try:
        target = ((root / file).parent / name).resolve()
        problem = _problem(root, target, name, beside)
        content = b"" if problem else target.read_bytes()
    except (OSError, RuntimeError, ValueError) as error:
        problem = (
            "file-unreadable",
            f"Expected a readable file, got `{name[:80]}`: {error}.",
            "Check name and permissions.",
        )
        content = b""
    if problem:
        rule, message, hint = problem
        reader.complain(file, Complaint(rule, path, message, hint))
        return None
    return target, digest_bytes(content)


def _problem(root: Path, target: Path, name: str, beside: str) -> tuple[str, str, str] | None:
    """What keeps a named file from being used: the rule, the sentence, the way out."""
    if Path(name).is_absolute() or not target.is_relative_to(root):
        message = f"Expected a file inside the catalog folder, got `{name}`, which leaves it."
        return "path-outside", message, f"Copy the file beside {beside} and name it without `..`."
    if not target.is_file():
        return "file-missing", f"Expected a file beside {beside}, got `{name}`, which is not there.", "Add the file."
    size = target.stat().st_size
    if not 0 < size <= MAX_ASSET_BYTES:
        return "file-too-large", f"Expected 1 to {MAX_ASSET_BYTES} bytes, got {size} in `{name}`.", "Save it again."
    return None
