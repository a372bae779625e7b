"""Edits: what an author wants changed in the catalog's files, and the port that carries it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from app.catalog.findings import Finding, SourceLines
from app.catalog.model import Catalog

EditedPart = Literal["phrases", "not_phrases", "answer"]
"""Part of an intent's file that holds texts per locale."""


@dataclass(frozen=True, slots=True)
class AddTexts:
    """Texts added to a part of an intent; what stands there already is not written twice."""

    intent: str
    part: EditedPart
    locale: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetTexts:
    """Texts of a part of an intent as they shall be; lines that stay keep their comments. None removes the part."""

    intent: str
    part: EditedPart
    locale: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetTitle:
    """Title of an intent: the text of its chip."""

    intent: str
    title: str


@dataclass(frozen=True, slots=True)
class SetNext:
    """Chips offered after an intent's answer."""

    intent: str
    next: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetDraft:
    """Mark of a draft, which no visitor gets, and why a person should read it. None takes the mark away."""

    intent: str
    why: str | None


@dataclass(frozen=True, slots=True)
class SetFact:
    """Words of a fact by its dotted name, such as `price.adult`; of one locale if the fact has one each."""

    name: str
    text: str
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class NewIntent:
    """Intent that is not there yet, as a file of its own."""

    id: str
    topic: str
    title: str
    phrases: Mapping[str, tuple[str, ...]]
    answer: Mapping[str, tuple[str, ...]]
    not_phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    next: tuple[str, ...] = ()
    draft: str | None = None


Edit = AddTexts | SetTexts | SetTitle | SetNext | SetDraft | SetFact | NewIntent


@dataclass(frozen=True, slots=True)
class FileText:
    """Catalog file as it is on disk, and the digest that says whether it changed meanwhile."""

    file: str
    digest: str
    text: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """Change of one file; `before` is the digest of what was read, None for a new file."""

    file: str
    before: str | None
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class EditedCatalog:
    """Catalog as the edits would make it, read from the changed files; nothing is written yet."""

    changes: tuple[FileChange, ...]
    catalog: Catalog
    findings: tuple[Finding, ...]
    places: SourceLines


class CatalogFiles(Protocol):
    """Files of a catalog that a program may edit: comments, order and quoting of the author stay."""

    def file_of(self, part: str) -> str:
        """Return the file of an intent by its id, or of `facts`, relative to the catalog.

        Raises:
            EditRefusedError: there is none, or it comes from a starter pack.
        """
        ...

    def seen(self, file: str) -> FileText:
        """Return a file of the catalog as it is on disk now.

        Raises:
            EditRefusedError: the catalog has no such file.
        """
        ...

    def edited(self, edits: Sequence[Edit], *, seen: Mapping[str, str] | None = None) -> EditedCatalog:
        """Return the catalog after the edits; nothing is written.

        `seen` has the digest of each file as the author saw it; a file left out is taken as it is now.

        Raises:
            CatalogError: with the edits the catalog would have errors; they are quoted.
            EditConflictError: a file changed since the author saw it.
            EditRefusedError: an edit names what is not there or may not be edited.
        """
        ...

    def write(self, edited: EditedCatalog) -> None:
        """Write all changed files, or none.

        Raises:
            EditConflictError: a file changed meanwhile; nothing is written.
        """
        ...
