"""Reader of one catalog file at a time: bytes to YAML to a validated model; every failure is a finding."""

import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from app.adapters.catalog_files.strict_yaml import MAX_BYTES, YamlDocument, decode, parse
from app.adapters.catalog_files.yaml_problems import Problem, YamlRefusedError
from app.catalog.findings import Complaint, Finding, KeyPath, Level, SourceLines
from app.catalog.slips import judge
from app.catalog.validation_messages import explain

Model = TypeVar("Model", bound=BaseModel)


class _Lines(Mapping[str, Mapping[KeyPath, int]]):
    """Lines of every file that was read, worked out from its bytes when they are asked for: most never are."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}
        self._tables: dict[str, Mapping[KeyPath, int]] = {}

    def read(self, file: str, content: bytes) -> None:
        self._contents[file] = content
        self._tables.pop(file, None)

    def __setitem__(self, file: str, table: Mapping[KeyPath, int]) -> None:
        self._tables[file] = table

    def __getitem__(self, file: str) -> Mapping[KeyPath, int]:
        if file not in self._tables:
            self._tables[file] = parse(self._contents[file]).lines
        return self._tables[file]

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def __len__(self) -> int:
        return len(self._contents)


class Reader:
    """Reader of files under one root. It collects the findings, and the line of everything written.

    `edited` has the bytes of files as they would be; the folder's own are not read for them.
    """

    def __init__(self, root: Path, edited: Mapping[str, bytes] | None = None) -> None:
        self._root = root
        self._edited = edited or {}
        self._lines = _Lines()
        self.read: set[str] = set()
        self.named: set[str] = set()
        """Files that others name: portraits, papers, recordings; relative to the root."""
        self.findings: list[Finding] = []
        self.beside: list[Finding] = []
        """Findings about what is left out of the catalog: an error among them keeps it from no reading."""

    @property
    def places(self) -> SourceLines:
        """Return the lines of all files read so far."""
        return SourceLines(self._lines)

    def complain(self, file: str, complaint: Complaint) -> None:
        """Add a complaint as a finding in this file."""
        self.findings.append(complaint.at(file, self.places))

    def add(self, finding: Finding) -> None:
        """Add a finding that has its line already."""
        self.findings.append(finding)

    def document(self, file: str) -> YamlDocument | None:
        """Return the parsed file, or None with a finding: unreadable, refused or empty."""
        content = self.content(file)
        if content is None:
            return None
        document = parse(content)
        self._lines.read(file, content)
        for problem in document.problems:
            self._add_finding(file, problem)
        self.findings += [one.at(file, self.places) for one in judge(file, document.slips)]
        if document.problems:
            return None
        if document.data is None:
            hint = "Write its content, or remove the file."
            self._add_finding(file, Problem("empty-file", 0, "Expected content, got none.", hint))
            return None
        return document

    def model(self, file: str, model: type[Model]) -> Model | None:
        """Return the file as this model, or None with findings."""
        document = self.document(file)
        if document is None:
            return None
        return self.validated(file, document.data, model, written=document.written)

    def validated(
        self, file: str, data: object, model: type[Model], *, written: Mapping[KeyPath, str] | None = None
    ) -> Model | None:
        """Return parsed data as this model, or None with findings.

        Validation goes through JSON in strict mode: it takes a day from text and a tuple from a list, but no
        `"yes"` for a boolean and no `"720"` for a number.
        """
        try:
            return model.model_validate_json(json.dumps(data), strict=True)
        except ValidationError as error:
            for complaint in explain(error, model, written or {}):
                self.complain(file, complaint)
            return None

    def nest(self, file: str, key: str) -> None:
        """Move all lines of the file under a key that its author left out."""
        self._lines[file] = {(key, *path): line for path, line in self._lines[file].items()}

    def keep(self, file: str, key: str, kept: Sequence[int]) -> None:
        """Keep the lines of these items of a list alone, and number the items anew."""
        places = {old: new for new, old in enumerate(kept)}
        moved: dict[KeyPath, int] = {}
        for path, line in self._lines[file].items():
            if path[:1] != (key,) or len(path) == 1:
                moved[path] = line
            elif isinstance(path[1], int) and path[1] in places:
                moved[(key, places[path[1]], *path[2:])] = line
        self._lines[file] = moved

    def text(self, file: str) -> str | None:
        """Return the file's text, or None with a finding."""
        content = self.content(file)
        if content is None:
            return None
        try:
            return decode(content)
        except YamlRefusedError as refused:
            self._add_finding(file, refused.problem)
            return None

    def content(self, file: str) -> bytes | None:
        """Return the first bytes of the file, at most one more than allowed, or None with a finding."""
        self.read.add(file)
        if file in self._edited:
            return self._edited[file][: MAX_BYTES + 1]
        path = f"{self._root}/{file}"  # a large catalog has many: no `Path` for each
        try:
            found = os.stat(path)  # noqa: PTH116
            if not stat.S_ISREG(found.st_mode):
                raise OSError("it is a pipe, a device or a folder")  # noqa: TRY301 - as opening it would, if it did not wait
            with open(path, "rb") as stream:  # noqa: PTH123
                # whole where it is small: the room for the largest costs more than reading does
                return stream.read(MAX_BYTES + 1 if found.st_size > MAX_BYTES else -1)[: MAX_BYTES + 1]
        except OSError as error:
            message = f"Cannot read the file: {error.strerror or error}."
            self._add_finding(file, Problem("file-unreadable", 0, message, "Check its permissions."))
            return None

    def _add_finding(self, file: str, problem: Problem) -> None:
        self.findings.append(Finding(Level.ERROR, problem.rule, file, problem.line, problem.message, problem.hint))
