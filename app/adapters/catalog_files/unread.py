"""Files of a catalog folder that are not read: which of them an author should hear of, and what to do with each."""

import re
import unicodedata
from difflib import get_close_matches
from pathlib import PurePosixPath

from app.catalog.findings import (
    CATALOG_FILE,
    FACTS_FILE,
    KNOWLEDGE_FOLDER,
    TESTS_FILE,
    Finding,
    Level,
)

TOP_FILES = (CATALOG_FILE, FACTS_FILE, TESTS_FILE)


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


SOUNDS = _words("wav mp3 m4a ogg flac opus aac")
"""Endings of sound; one that no intent names is an answer that is not played."""

_MEDIA = SOUNDS | _words("png jpg jpeg webp gif bmp tif tiff heic avif svg psd mp4 mov")
"""Endings of pictures, sound and films; originals may lie beside those that are used."""

_TABLES = _words("csv tsv xlsx xls ods json jsonl")
_TEXTS = _words("txt text markdown mdown mkd mdx htm html rst rtf doc docx odt pdf pages")
_BACKUPS = _words("bak old orig save tmp temp swp rej backup")
_NOTES = _words("readme license licence notice changelog contributing authors makefile dockerfile codeowners")
_LITTER = frozenset({"thumbs.db", "desktop.ini", "icon\r"})
_TRANSLITERATED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "œ": "oe", "ł": "l"})


def unread(name: str) -> Finding | None:
    """Return a warning about a file that the catalog does not read; None for notes, media and a system's litter."""
    path = PurePosixPath(name)
    folder, file = str(path.parent) if len(path.parts) > 1 else "", path.name
    ending = path.suffix.lower().lstrip(".")
    note = path.stem.partition(".")[0].lower()  # `README.de.md` is one, too
    if file.lower() in _LITTER or ending in _MEDIA or note in _NOTES or path.parts[0].lower() in _NOTES:
        return None
    return _unread(name, _advice(folder, file, ending))


def _advice(folder: str, file: str, ending: str) -> str:
    """Return what to do with a file, by its name."""
    stem = file[: -len(ending) - 1] if ending else file
    if file.startswith("~"):
        return "This is a lock file of an office program. Close the file there; if it stays, delete this one."
    if file.endswith("~") or ending in _BACKUPS:
        return "It looks like a backup: remove it, or give it the name that is to be read."
    if ending in {"yaml", "yml"}:
        return _yaml_advice(folder, stem)
    inner = stem.rpartition(".")[2].lower()
    if inner in {"yaml", "yml", "md"} and ending in _TEXTS:
        better = stem[: -len(inner)] + ("md" if inner == "md" else "yaml")
        return f"Rename it to `{_in(folder, better)}`; Windows hides the last ending: View, File name extensions."
    return _other_advice(folder, stem, ending)


def _other_advice(folder: str, stem: str, ending: str) -> str:
    if folder.lower() == KNOWLEDGE_FOLDER or ending == "md":
        return _document_advice(folder, stem, ending)
    if ending in _TABLES:
        return "Bring its questions in with `greenroom import`, or move it out of the catalog."
    if ending in _TEXTS:
        return f"Write its text into an intent or into `{KNOWLEDGE_FOLDER}/{slug(stem)}.md`, or move it elsewhere."
    return "Rename it to end in `.yaml` if it is an intent; else move it out of the catalog."


def _yaml_advice(folder: str, stem: str) -> str:
    if not folder:
        near = get_close_matches(stem.lower(), [name.removesuffix(".yaml") for name in TOP_FILES], n=1, cutoff=0.8)
        return f"Did you mean `{near[0]}.yaml`?" if near else "Move it into a topic's folder or remove it."
    if folder.lower() == KNOWLEDGE_FOLDER:
        return f"Documents are Markdown, `{KNOWLEDGE_FOLDER}/{slug(stem)}.md`; an intent belongs into a topic's folder."
    return f"Rename it to `{_in(folder, slug(stem) + '.yaml')}`, because files must end in `.yaml`."


def _document_advice(folder: str, stem: str, ending: str) -> str:
    better = f"{KNOWLEDGE_FOLDER}/{slug(stem)}.md"
    if folder == KNOWLEDGE_FOLDER and ending in _TEXTS | {"md"}:
        return f"Rename it to `{better}` and begin it with `# ` and a title."
    if ending == "md":
        return f"Documents are read from `{KNOWLEDGE_FOLDER}/` only: move it to `{better}`."
    return f"Documents are Markdown: write `{better}`, or move the file elsewhere."


def _in(folder: str, file: str) -> str:
    return f"{folder}/{file}" if folder else file


def _unread(name: str, hint: str) -> Finding:
    message = f"Expected files that the catalog reads, got `{shown(name)}`; it is not read."
    return Finding(Level.WARNING, "unknown-file", shown(name), 0, message, hint)


def unnamed(name: str) -> Finding:
    """Return a warning about a recording that no intent names."""
    message = f"Expected recordings that an intent plays, got `{shown(name)}`, which none names."
    hint = "Name it under the intent's `audio:`, or move it out of the catalog."
    return Finding(Level.WARNING, "unknown-file", shown(name), 0, message, hint)


def slug(stem: str) -> str:
    """Return a stem as an id: letters of other alphabets as they are usually written without marks."""
    plain = unicodedata.normalize("NFC", stem).lower().translate(_TRANSLITERATED)
    bare = "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:64].strip("-") or "name"


def shown(name: str) -> str:
    """Return a file's name as text, whatever bytes it has on disk."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
