"""Strict YAML: the small safe part that authors may use, with problems in an author's words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from app.adapters.catalog_files.plain_yaml import read_plain
from app.adapters.catalog_files.yaml_problems import (
    MAX_DEPTH,
    Problem,
    YamlRefusedError,
    blanks_of,
    problem_of,
    too_deep,
)
from app.adapters.catalog_files.yaml_scalars import resolve
from app.catalog.findings import KeyPath
from app.catalog.slips import ODD_BLANKS, Slip, sign_of_list

MAX_BYTES = 1 << 20
"""Largest catalog file in bytes that is parsed; the longest sample file has 5 kB."""

MAX_VALUES = 50_000
"""Most keys and values in one file: the limit that makes a 1 MiB file of tiny items fast."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """Parsed file: `data` is made of dict, list, str, int, float, bool and None.

    `lines` has the line (from 1) of every key and list item; `written` the source text of every plain scalar
    that is not text, because `12.50` and `0123` mean more than their numbers. `slips`: where the file may say
    something else than its author meant.
    """

    data: object
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    written: Mapping[KeyPath, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    slips: tuple[Slip, ...] = ()


def parse(content: bytes) -> YamlDocument:
    """Parse one file's bytes; refused constructs become `problems`, never exceptions.

    A blank file's data is None.
    """
    try:
        text = decode(content)
        plain = read_plain(text)
        if plain is not None:
            return YamlDocument(plain.data, plain.lines, plain.written, slips=tuple(plain.slips))
        return _Builder(text).document()
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
        raise _not_utf8(content, error.start) from error


_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SAVE_AS = "Save the file as UTF-8 in your editor; in Notepad: Save as, Encoding, UTF-8."


def _not_utf8(content: bytes, at: int) -> YamlRefusedError:
    if content.startswith(_UTF_16):
        return YamlRefusedError("not-utf8", 1, "Expected UTF-8 text, got UTF-16.", _SAVE_AS)
    line = content.count(b"\n", 0, at) + 1
    byte = content[at : at + 1]
    letter = byte.decode("cp1252", "ignore")
    meant = f" (`{letter}` in an old Windows file)" if letter.isprintable() and letter else ""
    message = f"Expected UTF-8 text, got the byte 0x{byte[0]:02x}{meant}."
    return YamlRefusedError("not-utf8", line, message, _SAVE_AS)


class _Builder:
    """Builder of data from the parser's events; it counts them and refuses unsafe ones as they come."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._values = 0
        self._lines: dict[KeyPath, int] = {}
        self._written: dict[KeyPath, str] = {}
        self._problems: list[Problem] = []
        self._slips: list[Slip] = []
        self._has_comments = " #" in text or "\t#" in text

    def document(self) -> YamlDocument:
        """Build the whole file."""
        data = self._root(self._events())
        return YamlDocument(data, self._lines, self._written, tuple(self._problems), tuple(self._slips))

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
            return self._mapping(events, path, in_brackets=bool(event.flow_style))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path, in_brackets=bool(event.flow_style))
        return self._scalar(event, path) if isinstance(event, yaml.ScalarEvent) else None

    def _admit(self, event: yaml.Event, path: KeyPath) -> None:
        self._values += 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused("yaml-alias", event, "Expected plain values, got an anchor `&` or alias `*`.", _WRITE_OUT)
        tag = getattr(event, "tag", None)
        if tag:
            hint = "Remove the tag, or put text that begins with `!` in quotes."
            raise _refused("yaml-tag", event, f"Expected plain values, got the tag `{tag}`.", hint)
        if len(path) >= MAX_DEPTH and isinstance(event, yaml.CollectionStartEvent):
            raise YamlRefusedError.of(too_deep(_line(event)))
        if self._values > MAX_VALUES:
            raise _refused("file-too-large", event, f"Expected at most {MAX_VALUES} values in one file, got more.")

    def _mapping(self, events: Iterator[yaml.Event], path: KeyPath, *, in_brackets: bool) -> dict[str, object]:
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
            following = next(events)
            if in_brackets and _start(following) == _end(event):
                self._cut(key, following)
            value = self._value(following, events, (*path, key))
            data.setdefault(key, value)
        return data

    def _cut(self, key: str, event: yaml.Event) -> None:
        """Report a key in braces that has no colon: it is the rest of the text before it, cut at a comma."""
        message = f"Expected `key: text` pairs between `{{` and `}}`, got `{key[:40]}` after a comma, without a colon."
        hint = "Put the text before it in quotes, together with this one, because it has a comma."
        self._problems.append(Problem("yaml-comma", _line(event), message, hint))

    def _key(self, event: yaml.Event, path: KeyPath) -> str:
        self._admit(event, path)
        if not isinstance(event, yaml.ScalarEvent):
            hint = 'Put text that begins with `{` or `[` in quotes: "{{ facts.name }}".'
            raise _refused("yaml-key", event, "Expected a word as a key, got a list or mapping.", hint)
        key = _checked(event)
        if _ODD_START.match(key):
            raise YamlRefusedError.of(blanks_of(_line(event), key))
        return key

    def _sequence(self, events: Iterator[yaml.Event], path: KeyPath, *, in_brackets: bool) -> list[object]:
        data: list[object] = []
        before = ""
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            here = (*path, len(data))
            self._lines[here] = _line(event)
            data.append(self._value(event, events, here))
            plain = event.value if isinstance(event, yaml.ScalarEvent) and event.implicit[0] else ""
            if in_brackets and before and plain:
                self._slips.append(Slip("commas", here, plain, before))
            before = plain
        return data

    def _scalar(self, event: yaml.ScalarEvent, path: KeyPath) -> object:
        text = _checked(event)
        value = resolve(text) if event.implicit[0] else text
        if not isinstance(value, str):
            self._written[path] = text
        if event.implicit[0]:
            self._look_around(event, path)
        return value

    def _look_around(self, event: yaml.ScalarEvent, path: KeyPath) -> None:
        """Note a comment behind a plain text, and signs of a list at the beginning of its lines."""
        end = _end(event)
        beside = _COMMENT.match(self._text, end) if self._has_comments else None
        if beside:
            self._slips.append(Slip("comment", path, event.value, beside[0]))
        sign = sign_of_list(event.value)
        if sign:
            self._slips.append(Slip("dash", path, event.value, sign, _line(event)))
            return
        first, *more = map(str.strip, self._text[_start(event) : end].splitlines() or [""])
        signs = [sign_of_list(line) or ("-" if line.startswith("- ") else "") for line in more]
        below = next((at for at, sign in enumerate(signs) if sign), None)
        if below is not None:
            same, above = signs[below] * signs.count(signs[below]), [first, *more][below]
            self._slips.append(Slip("dash", path, more[below], same, _line(event) + below + 1, above))
        elif more:
            self._slips.append(Slip("lines", path, first, "\n".join(filter(None, more))))


_COMMENT = re.compile(r"[ \t]+#[^\r\n]*")
_ODD_START = re.compile(f"[{ODD_BLANKS}]")


_WRITE_OUT = "Write the value out in each place; quote text that begins with `&` or `*`."


def _checked(event: yaml.ScalarEvent) -> str:
    text: str = event.value
    found = _CONTROL.search(text)
    if found:
        message = f"Expected readable text, got the control character U+{ord(found.group()):04X}."
        raise _refused("yaml-control", event, message, "Remove the escape or retype the text.")
    return text


def _start(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0


def _end(event: yaml.Event) -> int:
    return event.end_mark.index if event.end_mark else 0


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _refused(rule: str, event: yaml.Event, message: str, hint: str = "") -> YamlRefusedError:
    return YamlRefusedError(rule, _line(event), message, hint)
