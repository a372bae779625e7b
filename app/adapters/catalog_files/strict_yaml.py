"""Strict YAML: the small safe part that authors may use, with problems in an author's words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

import yaml

from app.catalog.findings import KeyPath

_TAB = re.compile(r"^[ ]*\t")
_INDICATOR = re.compile(r"(?:^|[\s\[{,:-])([@`%])")

MAX_DEPTH = 32
"""Deepest nesting of lists and mappings; the deepest catalog file needs 5."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem in a file: a rule name, a line from 1 (0.

    The whole file), a sentence, and a hint what to do.
    """

    rule: str
    line: int
    message: str
    hint: str = ""


class YamlRefusedError(Exception):
    """Parsing stops at the first construct after which nothing can be trusted; never leaves this package."""

    def __init__(self, rule: str, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(rule, line, message, hint)

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Return the error that carries this problem."""
        return cls(problem.rule, problem.line, problem.message, problem.hint)


def too_deep(line: int) -> Problem:
    """Return the problem of more nesting than any catalog file needs."""
    return Problem("yaml-depth", line, f"Expected at most {MAX_DEPTH} levels of nesting, got more.")


def problem_of(error: yaml.YAMLError, text: str) -> Problem:
    """Return the parser's error as a problem with a line and a hint."""
    if isinstance(error, yaml.MarkedYAMLError):
        unclosed = "end of stream" in (error.problem or "")
        mark = (unclosed and error.context_mark) or error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        return _marked(error.problem or "unreadable", error.context or "", line, text)
    position = getattr(error, "position", None)
    line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 0
    return Problem("yaml-control", line, "Expected readable text, got a control character.", "Remove it.")


def _marked(problem: str, context: str, line: int, text: str) -> Problem:
    if "nesting depth" in problem:  # libyaml's own limit is a thousand levels
        return too_deep(line)
    lines = text.splitlines()
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    if _TAB.match(source):
        return Problem("yaml-tab", line, "Expected spaces before the text, got a tab.", "Indent with two spaces.")
    where = f" {context}" if context else ""
    message = f"Expected YAML, got something unreadable: {problem}{where}."
    return Problem("yaml-syntax", line, message, _hint(problem, source))


def _hint(problem: str, source: str) -> str:
    if "mapping values are not allowed" in problem:
        return "Put text that contains `: ` in quotes, or check the indentation."
    if "cannot start any token" in problem and _INDICATOR.search(source):
        return "Put text that begins with `@`, `` ` `` or `%` in quotes."
    if "end of stream" in problem:
        return "Close the quote."
    return "Check quotes, brackets and the indentation around this line."


MAX_BYTES = 1 << 20
"""Largest catalog file in bytes that is parsed; the longest sample file has 5 kB."""

MAX_VALUES = 50_000
"""Most keys and values in one file: the limit that makes a 1 MiB file of tiny items fast."""

_EMPTY = ("", "~", "null", "Null", "NULL")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}|0o[0-7]{1,15}|0x[0-9a-fA-F]{1,12}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """Parsed file: `data` is made of dict, list, str, int, float, bool and None.

    `lines` has the line (from 1) of every key and list item; `written` the source text of every plain scalar
    that is not text, because `12.50` and `0123` mean more than their numbers.
    """

    data: object
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    written: Mapping[KeyPath, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def parse(content: bytes) -> YamlDocument:
    """Parse one file's bytes; refused constructs become `problems`, never exceptions.

    A blank file's data is None.
    """
    try:
        return _Builder(decode(content)).document()
    except YamlRefusedError as refused:
        return YamlDocument(None, problems=(refused.problem,))


def decode(content: bytes) -> str:
    """Return the text of a catalog file.

    Raises:
        YamlRefusedError: it is too large or not UTF-8.
    """
    if len(content) > MAX_BYTES:
        raise YamlRefusedError(
            "file-too-large",
            0,
            f"Expected a file of at most {MAX_BYTES} bytes, got more.",
            "Split it into smaller files.",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise YamlRefusedError(
            "not-utf8",
            line,
            f"Expected UTF-8 text, got the byte 0x{content[error.start]:02x}.",
            "Save the file as UTF-8 in your editor.",
        ) from error


class _Builder:
    """Builder of data from the parser's events; it counts them and refuses unsafe ones as they come."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._values = 0
        self._lines: dict[KeyPath, int] = {}
        self._written: dict[KeyPath, str] = {}
        self._problems: list[Problem] = []

    def document(self) -> YamlDocument:
        """Build the whole file."""
        data = self._root(self._events())
        return YamlDocument(data, self._lines, self._written, tuple(self._problems))

    def _events(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self._text, Loader=_LOADER)
        except yaml.YAMLError as error:
            raise YamlRefusedError.of(problem_of(error, self._text)) from error

    def _root(self, events: Iterator[yaml.Event]) -> object:
        data: object = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _refused("yaml-documents", event, "Expected one document, got a second one after `---`.")
            elif not isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentEndEvent):
                data = self._value(event, events, ())
        return data

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], path: KeyPath) -> object:
        self._admit(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return self._scalar(event, path) if isinstance(event, yaml.ScalarEvent) else None

    def _admit(self, event: yaml.Event, path: KeyPath) -> None:
        self._values += 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused("yaml-alias", event, "Expected plain values, got an anchor `&` or alias `*`.", _WRITE_OUT)
        tag = getattr(event, "tag", None)
        if tag:
            raise _refused("yaml-tag", event, f"Expected plain values, got the tag `{tag}`.", "Remove the tag.")
        if len(path) >= MAX_DEPTH and isinstance(event, yaml.CollectionStartEvent):
            raise YamlRefusedError.of(too_deep(_line(event)))
        if self._values > MAX_VALUES:
            raise _refused("file-too-large", event, f"Expected at most {MAX_VALUES} values in one file, got more.")

    def _mapping(self, events: Iterator[yaml.Event], path: KeyPath) -> dict[str, object]:
        data: dict[str, object] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, path)
            duplicate = key in data
            if duplicate:
                first = self._lines[*path, key]
                hint = "Keep one of them, or merge the two."
                message = f"Expected each key once, got `{key}` again (first on line {first})."
                self._problems.append(Problem("yaml-duplicate-key", _line(event), message, hint))
            else:
                self._lines[*path, key] = _line(event)
            value = self._value(next(events), events, (*path, key))
            data.setdefault(key, value)
        return data

    def _key(self, event: yaml.Event, path: KeyPath) -> str:
        self._admit(event, path)
        if not isinstance(event, yaml.ScalarEvent):
            hint = 'Put text that begins with `{` or `[` in quotes: "{{ facts.name }}".'
            raise _refused("yaml-key", event, "Expected a word as a key, got a list or mapping.", hint)
        return _checked(event)

    def _sequence(self, events: Iterator[yaml.Event], path: KeyPath) -> list[object]:
        data: list[object] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            here = (*path, len(data))
            self._lines[here] = _line(event)
            data.append(self._value(event, events, here))
        return data

    def _scalar(self, event: yaml.ScalarEvent, path: KeyPath) -> object:
        text = _checked(event)
        value = resolve(text) if event.implicit[0] else text
        if not isinstance(value, str):
            self._written[path] = text
        return value


def resolve(plain: str) -> str | int | float | bool | None:
    """Return the value of an unquoted scalar in YAML 1.2's core schema.

    Numbers too long to be exact stay text.
    """
    if plain in _EMPTY:
        return None
    if plain in _BOOLEANS:
        return _BOOLEANS[plain]
    if _INTEGER.fullmatch(plain):
        return int(plain, 0) if plain.startswith(("0o", "0x")) else int(plain)
    return float(plain) if len(plain) <= 32 and _FLOAT.fullmatch(plain) else plain


_WRITE_OUT = "Write the value out in each place; quote text that begins with `&` or `*`."


def _checked(event: yaml.ScalarEvent) -> str:
    text: str = event.value
    found = _CONTROL.search(text)
    if found:
        message = f"Expected readable text, got the control character U+{ord(found.group()):04X}."
        raise _refused("yaml-control", event, message, "Remove the escape or retype the text.")
    return text


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _refused(rule: str, event: yaml.Event, message: str, hint: str = "") -> YamlRefusedError:
    return YamlRefusedError(rule, _line(event), message, hint)
