"""Problems of YAML in an author's words: where a text went wrong, and what to write instead.

The parser's own sentences name its grammar, and often the line after the fault. Here the lines around are looked at.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import yaml

from app.catalog.slips import ODD_BLANKS

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
        return _marked(error, text)
    position = getattr(error, "position", None)
    line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 0
    return Problem("yaml-control", line, "Expected readable text, got a control character.", "Remove it.")


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Refusal of a text: the parser's word for it, the line that it means, and the file's lines."""

    said: str
    line: int
    lines: Sequence[str]
    stopped: int
    """Line in which the parser gave up; the fault is there or before."""

    @property
    def source(self) -> str:
        return self.lines[self.line - 1] if 0 < self.line <= len(self.lines) else ""

    @property
    def value(self) -> str:
        """Text after the line's dash and key."""
        return _HEAD.sub("", self.source.strip(), count=1)

    def before(self) -> tuple[int, str]:
        """Return number and text of the nearest line above that says something; 0 if none does."""
        for at in range(min(self.line - 1, len(self.lines)), 0, -1):
            stripped = self.lines[at - 1].strip()
            if stripped and not stripped.startswith("#"):
                return at, self.lines[at - 1]
        return 0, ""


_HEAD = re.compile(r"(?:- +)?(?:[\w-]+:(?: +|$))?")
_KEY = re.compile(r"^\s*(?:- +)?([\w-]+):(?:\s|$)")
_KEY_AND_TEXT = re.compile(r"^\s*(?:- +)?([\w-]+): +\S")
_GLUED_KEY = re.compile(r"^\s*([A-Za-z_]+):([^\s:/].*)")
_GLUED_DASH = re.compile(r"^\s*-([^\s\d-].*)")
_ITEM = re.compile(r"^\s*- ")
_TAB = re.compile(r"^[ ]*\t")
_ODD = re.compile(rf"^[ \t]*[{ODD_BLANKS}][ {ODD_BLANKS}]*\S")
_KEYS = (
    "title titles phrases not_phrases answer audio split next role interruptible card cards valid draft body url from "
    "until name portrait voice renderers video disclosure consent subject kind evidence scope locales default_locale "
    "avatar roles starter matching fallback budget tests ask expect not locale may_miss en de es fr it nl pt"
)
_KNOWN = frozenset(_KEYS.split(" "))
"""Keys of catalog files, and the usual locales."""


def _marked(error: yaml.MarkedYAMLError, text: str) -> Problem:
    said = f"{error.problem or ''} {error.context or ''}"
    stopped = error.problem_mark.line + 1 if error.problem_mark else 0
    begun = error.context_mark.line + 1 if error.context_mark else 0
    if "nesting depth" in said:  # libyaml's own limit is a thousand levels
        return too_deep(stopped or begun)
    from_start = begun and ("end of stream" in said or "expected ':'" in said or "flow" in said)
    scene = _Refusal(said, begun if from_start else stopped or begun, text.splitlines(), stopped or begun)
    return next(found for explain in _EXPLANATIONS if (found := explain(scene)))


def _odd_blanks(scene: _Refusal) -> Problem | None:
    """Blanks that look like spaces at the beginning of a line."""
    return next(
        (blanks_of(at, line) for at, line in enumerate(scene.lines[: scene.stopped], 1) if _ODD.match(line)), None
    )


def blanks_of(line: int, text: str) -> Problem:
    """Return the problem of a line or key that begins with blanks of another kind than spaces."""
    found = next((char for char in text if re.match(f"[{ODD_BLANKS}]", char)), " ")
    message = f"Expected spaces before the text, got no-break spaces or their like (U+{ord(found):04X})."
    hint = "Delete the blanks before the text and type spaces; pages and word processors bring others along."
    return Problem("yaml-blank", line, message, hint)


def _tab(scene: _Refusal) -> Problem | None:
    for at in (scene.line, scene.stopped):
        if 0 < at <= len(scene.lines) and _TAB.match(scene.lines[at - 1]):
            message = "Expected spaces before the text, got a tab."
            return Problem("yaml-tab", at, message, "Indent with two spaces.")
    return None


def _unclosed_quote(scene: _Refusal) -> Problem | None:
    if "quoted scalar" in scene.said and ("end of stream" in scene.said or "document indicator" in scene.said):
        message = "Expected a quote at the end of the text, got none up to the end of the file."
        return Problem("yaml-quote", scene.line, message, "Close the quote.")
    return None


def _escape(scene: _Refusal) -> Problem | None:
    if "quoted scalar" not in scene.said:
        return None
    message = 'Expected text inside "…", got `\\`, which begins a special sign there.'
    return Problem("yaml-quote", scene.line, message, "Use '…' around the text, or write the backslash twice.")


def _early_quote(scene: _Refusal) -> Problem | None:
    """Text after the quote that ends a text: `'Stella' takes you`, `"Ask for "Stella""`, `'the girl's room'`."""
    quote = scene.value[:1]
    if quote not in {"'", '"'} or "did not find expected" not in scene.said:
        return None
    other = "'…'" if quote == '"' else '"…"'
    message = f"Expected nothing after the closing `{quote}`, got more text: one that begins with a quote ends with it."
    hint = f"Put the whole text in quotes of the other kind, {other}, or begin it with another word."
    return Problem("yaml-quote", scene.line, message, hint)


def _quote_from_above(scene: _Refusal) -> Problem | None:
    """A quote that was opened lines above, and that another text's quote closed."""
    if "did not find expected" not in scene.said and "expected ':'" not in scene.said:
        return None
    for at in range(1, scene.stopped):
        value = _HEAD.sub("", scene.lines[at - 1].strip(), count=1)
        quote = value[:1]
        if (
            quote in {"'", '"'}
            and value.count(quote) % 2
            and _closed_by_another(quote, scene.lines[at : scene.stopped])
        ):
            message = f"Expected a closing `{quote}` in this line, got none."
            return Problem("yaml-quote", at, message, "Close the quote.")
    return None


def _closed_by_another(quote: str, below: Sequence[str]) -> bool:
    """Return whether the next line with this quote goes on after it: it opens a text of its own there."""
    line = next((line for line in below if quote in line), "")
    rest = line.partition(quote)[2].strip()
    return bool(rest) and not rest.startswith(("#", ",", "]", "}"))


_MEANINGS = {
    "*": "stands for a name here",
    "&": "begins a name here",
    "!": "begins a type here",
    "|": "begins a text of several lines",
    ">": "begins a text of several lines",
    "?": "begins a key",
    "[": "begins a list",
    "{": "begins a list of keys",
}


def _mark(scene: _Refusal) -> Problem | None:
    """Text that begins with a sign that means something to YAML."""
    mark = scene.value[:1]
    if mark not in {*_MEANINGS, "@", "`", "%", "]", "}", ","} or "flow" in scene.said:
        return None
    meaning = _MEANINGS.get(mark, "may begin no text")
    message = f"Expected text, got one that begins with `{mark}`, which {meaning}."
    markdown = " Leave Markdown out: it is not spoken." if scene.value.startswith(("**", "*", "`")) else ""
    return Problem("yaml-mark", scene.line, message, f"Put text that begins with `{mark}` in quotes.{markdown}")


def _bracket(scene: _Refusal) -> Problem | None:
    if "flow" not in scene.said:
        return None
    sign = "]" if "sequence" in scene.said else "}"
    message = f"Expected `{sign}` at the end of what begins in this line, or a comma between its parts, got neither."
    return Problem("yaml-bracket", scene.line, message, f"Close it with `{sign}`, and put texts with signs in quotes.")


def _glued(scene: _Refusal) -> Problem | None:
    """A dash or a key with no blank after it, in the line or the one above."""
    before = scene.before()
    for at, line in ((scene.line, scene.source), before):
        dash = _GLUED_DASH.match(line)
        if dash and "expected ':'" in scene.said:
            return glued_dash(at, dash[1])
        key = _GLUED_KEY.match(line)
        if key and key[1] in _KNOWN:
            message = f"Expected a blank after `{key[1]}:`, got `{key[1]}:{key[2][:20]}`."
            return Problem("yaml-colon", at, message, f"Write `{key[1]}: {key[2][:20]}`.")
    return None


def glued_dash(line: int, text: str) -> Problem:
    """Return the problem of a dash without a blank after it."""
    message = f"Expected a blank after the dash, got `-{text[:30]}`."
    return Problem("yaml-dash", line, message, f"Write `- {text[:30]}`.")


def _wide_colon(scene: _Refusal) -> Problem | None:
    for at, line in ((scene.line, scene.source), scene.before()):
        if re.match(r"^\s*[\w-]+：", line):
            return Problem("yaml-colon", at, "Expected `:` after the key, got the wide `：`.", "Type a plain colon.")
    return None


def _no_colon(scene: _Refusal) -> Problem | None:
    """A key without its colon: alone in its line, or before its text."""
    before_text = "mapping values" in scene.said and _KEY.match(scene.source)
    at, line = scene.before() if before_text else (scene.line, scene.source)
    word, _, rest = line.strip().partition(" ")
    if word not in _KNOWN or ": " in line or line.rstrip().endswith(":") or (rest and not before_text):
        return None
    text = f" {rest[:30]}" if rest else ""
    message = f"Expected `{word}:` with its colon, got `{word}{text}`."
    return Problem("yaml-colon", at, message, f"Write `{word}:{text}`.")


def _unindented_text(scene: _Refusal) -> Problem | None:
    """The second line of a text, no deeper than the first."""
    if "expected ':'" not in scene.said:
        return None
    at, before = scene.before()
    if not at or not (_KEY_AND_TEXT.match(before) or _ITEM.match(before)):
        return None
    key = _KEY.match(before)
    what = f"`{key[1]}:`" if key else "the dash"
    message = (
        f"Expected the second line of a text to be indented further than {what} above it, got it at the same depth."
    )
    hint = f"Put two more blanks before it, so that it is indented below {what}, or write the text in one line."
    return Problem("yaml-indent", scene.line, message, hint)


def _list_beside_key(scene: _Refusal) -> Problem | None:
    if "block sequence entries" not in scene.said:
        return None
    message = "Expected text after the key, got a dash in the same line."
    return Problem("yaml-dash", scene.line, message, "Put the dash on a line of its own below, indented by two blanks.")


def _deeper_key(scene: _Refusal) -> Problem | None:
    """A key further to the right than its neighbour above, which has a text already."""
    at, before = scene.before()
    if "mapping values" not in scene.said or not _KEY.match(scene.source) or not _KEY_AND_TEXT.match(before):
        return None
    here, there = _depth(scene.source), _depth(before)
    if here <= there:
        return None
    message = f"Expected {_blanks(there)} before this key, as in line {at}, got {_blanks(here)}."
    return Problem("yaml-indent", scene.line, message, "Write keys that belong together one below the other.")


def _colon_in_text(scene: _Refusal) -> Problem | None:
    if "mapping values" not in scene.said:
        return None
    message = "Expected text, got a second colon in the line, which would make a key of the words before it."
    return Problem("yaml-colon", scene.line, message, "Put text that contains `: ` in quotes.")


def _uneven(scene: _Refusal) -> Problem | None:
    """A line that begins at no depth of those above it."""
    here = _depth(scene.source)
    above = {
        _depth(line) for line in scene.lines[: scene.line - 1] if line.strip() and not line.lstrip().startswith("#")
    }
    if not scene.source.strip() or here in above or not above:
        return None
    near = sorted(above, key=lambda depth: abs(depth - here))[:2]
    wanted = " or ".join(map(_blanks, sorted(near)))
    message = f"Expected {wanted} before this line, as in the lines above, got {_blanks(here)}."
    return Problem("yaml-indent", scene.line, message, "Write what belongs together one below the other.")


def _unknown(scene: _Refusal) -> Problem:
    message = "Expected keys, texts and lists, got a line that cannot be read as one of them."
    return Problem("yaml-syntax", scene.line, message, "Check quotes, brackets and the indentation around this line.")


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _blanks(count: int) -> str:
    return f"{count} blank{'s' * (count != 1)}" if count else "no blank"


_EXPLANATIONS: tuple[Callable[[_Refusal], Problem | None], ...] = (
    _odd_blanks,
    _tab,
    _unclosed_quote,
    _escape,
    _quote_from_above,
    _early_quote,
    _list_beside_key,
    _mark,
    _bracket,
    _wide_colon,
    _glued,
    _no_colon,
    _deeper_key,
    _unindented_text,
    _colon_in_text,
    _uneven,
    _unknown,
)
"""Asked in this order; the last one always has an answer."""
