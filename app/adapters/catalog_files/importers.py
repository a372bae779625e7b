"""Import of other tools' exports into a catalog folder, one intent a file; no file is ever replaced."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.adapters.catalog_files.strict_yaml import parse
from app.catalog.importers import IntentDraft, from_dialogflow, from_pairs, from_rasa, slug
from app.errors import CatalogError

MAX_IMPORT_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Imported:
    """Files written, and existing files left alone; relative to the catalog."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def read_drafts(source: Path, *, locale: str = "en") -> tuple[IntentDraft, ...]:
    """Return the drafts of a `.csv`, `.jsonl` or Rasa `.yml` file, or of a folder.

    A folder has Rasa files or is a Dialogflow ES export.

    Raises:
        CatalogError: the source cannot be read or holds no intent.
    """
    try:
        drafts = _from_folder(source, locale) if source.is_dir() else _from_file(source)
    except (OSError, ValueError, csv.Error, RecursionError) as error:
        raise CatalogError(f"Cannot read the export `{source}`: {error}.") from error
    if not drafts:
        raise CatalogError(
            f"Expected questions and answers in `{source}`, got none; give a CSV or JSON Lines file with the columns "
            "`question` and `answer`, Rasa NLU YAML, or a Dialogflow ES export folder."
        )
    return drafts


def write_drafts(root: Path, drafts: Iterable[IntentDraft], *, topic: str = "imported", locale: str = "en") -> Imported:
    """Write each draft to `<topic>/<id>.yaml` unless that file exists.

    Raises:
        CatalogError: the topic is no folder name of a catalog.
    """
    if topic != slug(topic):
        raise CatalogError(f"Expected a topic of lower-case letters, digits and hyphens, got {topic!r}.")
    folder = root / topic
    folder.mkdir(parents=True, exist_ok=True)
    written: list[str] = []
    kept: list[str] = []
    for draft in drafts:
        path = folder / f"{draft.id}.yaml"
        try:
            with path.open("x", encoding="utf-8") as stream:
                stream.write(intent_yaml(draft, locale))
            written.append(f"{topic}/{path.name}")
        except FileExistsError:
            kept.append(f"{topic}/{path.name}")
    return Imported(tuple(written), tuple(kept))


def intent_yaml(draft: IntentDraft, locale: str) -> str:
    """Return an intent's file; every text is quoted, so that nothing is mistaken for a number or a key."""
    lines = [f"title: {_quoted(draft.title)}"]
    for key, texts in (("phrases", draft.phrases), ("answer", draft.answers)):
        if texts:
            lines += [f"{key}:", f"  {locale}:", *(f"    - {_quoted(text)}" for text in texts)]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _from_file(source: Path) -> tuple[IntentDraft, ...]:
    text = _text(source)
    match source.suffix.lower():
        case ".csv":
            return from_pairs(csv.DictReader(io.StringIO(text)))
        case ".jsonl" | ".ndjson":
            rows = (json.loads(line) for line in text.splitlines() if line.strip())
            return from_pairs(row for row in rows if isinstance(row, dict))
        case ".yml" | ".yaml":
            return from_rasa([_yaml(source)])
        case other:
            raise ValueError(f"expected .csv, .jsonl, .yml or a folder, got {other!r}")


def _from_folder(source: Path, locale: str) -> tuple[IntentDraft, ...]:
    if (source / "intents").is_dir() and any((source / "intents").glob("*.json")):
        return from_dialogflow(_dialogflow(source / "intents", locale))
    return from_rasa([_yaml(file) for file in sorted(source.rglob("*.y*ml"))])


def _dialogflow(folder: Path, locale: str) -> Iterator[tuple[Any, Any]]:
    for file in sorted(folder.glob("*.json")):
        if "_usersays_" not in file.stem:
            usersays = folder / f"{file.stem}_usersays_{locale}.json"
            yield json.loads(_text(file)), json.loads(_text(usersays)) if usersays.is_file() else []


def _yaml(file: Path) -> object:
    document = parse(_text(file).encode())
    if document.problems:
        problem = document.problems[0]
        raise ValueError(f"{file.name}:{problem.line}: {problem.message}")
    return document.data


def _text(file: Path) -> str:
    with file.open("rb") as stream:
        content = stream.read(MAX_IMPORT_BYTES + 1)
    if len(content) > MAX_IMPORT_BYTES:
        raise ValueError(f"expected at most {MAX_IMPORT_BYTES} bytes, got more in {file.name}")
    return content.decode("utf-8-sig")
