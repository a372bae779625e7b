"""Edits of a catalog's folder: checked by loading what they would make, then written whole or not at all."""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import singledispatchmethod
from pathlib import Path
from typing import NoReturn

from app.adapters.catalog_files.loader import catalog_error, load_catalog
from app.adapters.catalog_files.starters import starters_of
from app.adapters.catalog_files.strict_yaml import parse
from app.adapters.catalog_files.surgery import Plain, Written, block, find, remove, set_list, set_plain, set_text
from app.adapters.catalog_files.tree import Tree, intent_at, is_slug, reads, scan
from app.author_errors import EditConflictError, EditRefusedError
from app.authoring.edits import (
    AddTexts,
    Edit,
    EditedCatalog,
    FileChange,
    FileText,
    NewIntent,
    SetDraft,
    SetFact,
    SetNext,
    SetTexts,
    SetTitle,
)
from app.catalog.findings import AVATARS_FOLDER, FACTS_FILE, KNOWLEDGE_FOLDER, intent_file
from app.catalog.model import STARTERS_FOLDER, IntentFile
from app.catalog.validation_messages import did_you_mean
from app.digest import digest_bytes
from app.errors import CatalogError

_ORDER = tuple(IntentFile.model_fields)
_BOM = "\ufeff"
_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CatalogFolder:
    """The `CatalogFiles` port on a folder."""

    root: Path

    def file_of(self, part: str) -> str:
        """Find the file of an intent, or of `facts`."""
        if part == "facts":
            return FACTS_FILE
        found = intent_at(self.root, part) if self.root.is_dir() else None
        if found is not None:
            return found
        files = {Path(file).stem: file for file in self._tree().intents}
        if part in files:
            return files[part]
        if any(starters_of(self.root).glob(f"*/{part}.yaml")) if is_slug(part) else False:
            raise EditRefusedError(
                f"Expected an intent with a file in this catalog, got `{part}` of a starter pack. Write an intent of "
                "your own with this id; it takes the pack's place."
            )
        hint = did_you_mean(part, list(files)) or "`greenroom check` lists what cannot be read."
        raise EditRefusedError(f"Expected the id of an intent, got `{part[:80]}`. {hint}")

    def seen(self, file: str) -> FileText:
        """Read one file."""
        if not self.root.is_dir():
            self._tree()  # says why
        if not reads(self.root, file):
            raise EditRefusedError(f"Expected a file of the catalog, got `{file[:200]}`. `greenroom check` reads all.")
        content = (self.root / file).read_bytes()
        return FileText(file, digest_bytes(content), content.decode("utf-8", "replace"))

    def _tree(self) -> Tree:
        try:
            return scan(self.root)
        except OSError as error:
            raise CatalogError(
                f"Expected a catalog folder, found none at `{self.root}`. Name another one with `--catalog DIR`."
            ) from error

    def edited(self, edits: Sequence[Edit], *, seen: Mapping[str, str] | None = None) -> EditedCatalog:
        """Carry the edits out on texts, and load the folder with them."""
        work = _Workspace(self)
        for edit in edits:
            work.take(edit)
        changes = work.changes()
        for file, digest in (seen or {}).items():
            found = work.read.get(file) or (self.seen(file) if (self.root / file).is_file() else None)
            if (found.digest if found else "") != digest:
                raise _conflict(file)
        loaded = load_catalog(self.root, edited={one.file: one.new.encode() for one in changes})
        if loaded.catalog is None:
            raise catalog_error(self.root, loaded.findings)
        return EditedCatalog(changes, loaded.catalog, loaded.findings, loaded.places)

    def write(self, edited: EditedCatalog) -> None:
        """Write under a lock on the folder, so that two programs never write over each other."""
        with _locked(self.root):
            for change in edited.changes:
                if _digest(self.root / change.file) != change.before:
                    raise _conflict(change.file)
            written: list[FileChange] = []
            try:
                for change in edited.changes:
                    _replace(self.root / change.file, change.new, fresh=change.before is None)
                    written.append(change)
            except OSError as error:
                for done in reversed(written):
                    with suppress(OSError):
                        _restore(self.root / done.file, done)
                if isinstance(error, FileExistsError):
                    raise _conflict(change.file) from error
                raise EditRefusedError(
                    f"Cannot write `{change.file}`: {error.strerror}. Nothing was written; check who may write there."
                ) from error


class _Workspace:
    """Texts of the files under edit, by file, and how they were read."""

    def __init__(self, folder: CatalogFolder) -> None:
        self._folder = folder
        self._texts: dict[str, str] = {}
        self.read: dict[str, FileText | None] = {}

    def changes(self) -> tuple[FileChange, ...]:
        """Return the files that differ from the disk."""
        found = []
        for file, new in self._texts.items():
            read = self.read[file]
            if read is None or read.text != new:
                found.append(FileChange(file, read.digest if read else None, read.text if read else "", new))
        return tuple(found)

    @singledispatchmethod
    def take(self, edit: Edit) -> None:
        """Carry one edit out."""
        raise EditRefusedError(f"Expected a known edit, got `{type(edit).__name__}`.")

    @take.register
    def _(self, edit: AddTexts) -> None:
        file, path = self._folder.file_of(edit.intent), (edit.part, edit.locale)
        there = _texts_at(self._body(file), path)
        self._set_list(file, path, tuple(dict.fromkeys((*there, *_clean(edit.texts)))))

    @take.register
    def _(self, edit: SetTexts) -> None:
        self._set_list(self._folder.file_of(edit.intent), (edit.part, edit.locale), _clean(edit.texts))

    @take.register
    def _(self, edit: SetTitle) -> None:
        self._set_text(self._folder.file_of(edit.intent), ("title",), edit.title.strip())

    @take.register
    def _(self, edit: SetNext) -> None:
        self._set_list(self._folder.file_of(edit.intent), ("next",), edit.next)

    @take.register
    def _(self, edit: SetDraft) -> None:
        file = self._folder.file_of(edit.intent)
        body, there = self._body(file), find(self._body(file), ("draft",))
        if edit.why is not None:
            self._keep(file, set_plain(body, "draft", _draft(edit.why), order=_ORDER), body, ("draft",), (True,))
        elif there is not None:
            self._keep(file, remove(body, ("draft",)), body, ("draft",), ())

    @take.register
    def _(self, edit: SetFact) -> None:
        names: _Path = tuple(edit.name.split("."))
        path = (*names, edit.locale) if edit.locale else names
        if (self._folder.root / FACTS_FILE).is_file() or FACTS_FILE in self._texts:
            there, above = find(self._body(FACTS_FILE), path), find(self._body(FACTS_FILE), names)
            if there is not None and not hasattr(there, "style"):
                raise EditRefusedError(
                    f"Expected the locale of a fact with words of its own per locale, got `{edit.name}` without one. "
                    "Name the locale."
                )
            if edit.locale and above is not None and hasattr(above, "style"):
                raise EditRefusedError(
                    f"Expected a fact with words of its own per locale, got `{edit.name}`, which has one text for all. "
                    "Leave the locale out."
                )
            self._set_text(FACTS_FILE, path, edit.text.strip())
            return
        self.read[FACTS_FILE] = None
        value: Written = edit.text.strip()
        for name in reversed(path[1:]):
            value = {name: value}
        self._texts[FACTS_FILE] = block(path[0], value)

    @take.register
    def _(self, edit: NewIntent) -> None:
        if not is_slug(edit.id) or not is_slug(edit.topic) or edit.topic in _RESERVED:
            raise EditRefusedError(
                f"Expected an id and a topic in lower-case words joined by hyphens, got `{edit.topic[:60]}/"
                f"{edit.id[:60]}`; `{AVATARS_FOLDER}` and `{KNOWLEDGE_FOLDER}` are no topics."
            )
        taken = [file for file in (*scan(self._folder.root).intents, *self._texts) if Path(file).stem == edit.id]
        if taken:
            raise EditRefusedError(f"Expected an id that is free, got `{edit.id}` of `{taken[0]}`. Choose another.")
        file = intent_file(edit.topic, edit.id)
        self.read[file] = None
        self._texts[file] = "".join(block(key, value) for key, value in _document(edit).items() if value)

    def _body(self, file: str) -> str:
        """Return the text as it is edited: without a byte-order mark, with plain line ends."""
        if file not in self._texts:
            read = self._folder.seen(file)
            if found := parse((self._folder.root / file).read_bytes()).problems:
                raise EditRefusedError(f"Cannot edit `{file}` as it is. {found[0].message} {found[0].hint}".strip())
            self.read[file], self._texts[file] = read, read.text
        return _plain_ends(self._texts[file].removeprefix(_BOM))

    def _set_list(self, file: str, path: _Path, values: Sequence[str]) -> None:
        body = self._body(file)
        self._keep(file, set_list(body, path, values, order=_ORDER), body, path, values)

    def _set_text(self, file: str, path: _Path, value: str) -> None:
        body = self._body(file)
        self._keep(file, set_text(body, path, value, order=_ORDER), body, path, (value,))

    def _keep(self, file: str, new: str, old: str, path: _Path, values: Sequence[object]) -> None:
        """Store the new text if it says what was asked, and otherwise exactly what it said before."""
        before, after = parse(old.encode()), parse(new.encode())
        said = _listed(_value(after.data, path))
        if after.problems or said != list(values) or _rest(before.data, path) != _rest(after.data, path):
            _refuse_file(file, path)
        text = self._texts[file]
        if text.count("\r\n") == text.count("\n") > 0:
            new = new.replace("\n", "\r\n")
        self._texts[file] = (_BOM if text.startswith(_BOM) else "") + new


_RESERVED = frozenset((AVATARS_FOLDER, KNOWLEDGE_FOLDER, STARTERS_FOLDER))


def _document(edit: NewIntent) -> Mapping[str, Written]:
    answer = {locale: texts[0] if len(texts) == 1 else texts for locale, texts in edit.answer.items()}
    return {
        "title": edit.title,
        "draft": _draft(edit.draft) if edit.draft else "",
        "phrases": {locale: _clean(texts) for locale, texts in edit.phrases.items()},
        "not_phrases": {locale: _clean(texts) for locale, texts in edit.not_phrases.items()},
        "answer": answer,
        "next": edit.next,
    }


def _draft(why: str) -> Plain:
    """Return the mark of a draft with the reason beside it."""
    return Plain("true  # " + " ".join(why.split()))


def _clean(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the texts without blanks around them, without empty ones, each once."""
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n") if text.count("\r\n") == text.count("\n") else text


def _texts_at(body: str, path: _Path) -> list[str]:
    return [str(one) for one in _listed(_value(parse(body.encode()).data, path))]


def _value(data: object, path: _Path) -> object:
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _listed(value: object) -> list[object]:
    return [] if value is None else list(value) if isinstance(value, list) else [value]


def _rest(data: object, path: _Path) -> object:
    """Return the data without what stands at the path, and without mappings that are empty then."""
    if not path or not isinstance(data, dict):
        return data
    rest = {name: value for name, value in data.items() if name != path[0]}
    inner = _rest(data.get(path[0]), path[1:]) if len(path) > 1 else None
    return {**rest, path[0]: inner} if inner else rest


def _refuse_file(file: str, path: _Path) -> NoReturn:
    raise EditRefusedError(
        f"Expected `{file}` in a form that a program can change, got one in which `{'.'.join(path)}` cannot be set "
        "without touching the rest. Change it in an editor."
    )


def _conflict(file: str) -> EditConflictError:
    return EditConflictError(
        f"Expected `{file}` as it was read, got one that changed meanwhile. Nothing was written: look at it again."
    )


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _digest(path: Path) -> str | None:
    return digest_bytes(path.read_bytes()) if path.is_file() else None


def _replace(path: Path, text: str, *, fresh: bool) -> None:
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        if fresh:
            os.link(draft, path)  # fails if somebody made the file just now
            return
        draft.chmod(path.stat().st_mode)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _restore(path: Path, change: FileChange) -> None:
    if change.before is None:
        path.unlink(missing_ok=True)
    else:
        _replace(path, change.old, fresh=False)
