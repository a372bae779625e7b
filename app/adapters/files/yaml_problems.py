"""What is wrong with a YAML file, in an author's words instead of the parser's."""

import re
from dataclasses import dataclass
from typing import Self

import yaml

_TAB = re.compile(r"^[ ]*\t")
_INDICATOR = re.compile(r"(?:^|[\s\[{,:-])([@`%])")

MAX_DEPTH = 32
"""Lists and mappings inside each other; the deepest catalog file needs 5."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule name, a line from 1 (0: the whole file), a sentence, a way out."""

    rule: str
    line: int
    message: str
    hint: str = ""


class YamlRefusedError(Exception):
    """Stops parsing at the first construct after which nothing can be trusted; never leaves this package."""

    def __init__(self, rule: str, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(rule, line, message, hint)

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """The error that carries this problem."""
        return cls(problem.rule, problem.line, problem.message, problem.hint)


def too_deep(line: int) -> Problem:
    """More nesting than any catalog file needs."""
    return Problem("yaml-depth", line, f"Expected at most {MAX_DEPTH} levels of nesting, got more.")


def problem_of(error: yaml.YAMLError, text: str) -> Problem:
    """The parser's error as a problem with a line and a way out."""
    if isinstance(error, yaml.MarkedYAMLError):
        unclosed = "end of stream" in (error.problem or "")
        mark = (unclosed and error.context_mark) or error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        return _marked(error.problem or "unreadable", error.context or "", line, text)
    position = getattr(error, "position", None)
    line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 0
    return Problem("yaml-control", line, "Expected readable text, got a control character.", "Remove it.")


def _marked(problem: str, context: str, line: int, text: str) -> Problem:
    if "nesting depth" in problem:  # libyaml gives up by itself at a thousand levels, before its first event
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
