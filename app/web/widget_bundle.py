"""Bundle of the widget: its modules in one file, whose name and integrity follow from its bytes.

The modules are written in a narrow form of JavaScript (imports and exports of names, one a line, no cycles), so that
they can be joined without a tool of another language; a test holds them to it. What is joined is shortened as far as
that can be done safely by looking at the text alone: private names of classes, and the spaces of the style sheet.
"""

import base64
import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, product
from pathlib import Path
from string import ascii_lowercase

from fastapi import Response
from rjsmin import jsmin
from starlette.types import Scope

from app.web.static_files import MEDIA_TYPES, STATIC, prepare

ENTRY = "widget.js"
"""The module that the page loads; the others lie in the folder of the same name."""

_IMPORT = re.compile(r"^import (?:\{([^}]*)\} from )?'(\.[^']+)';\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_LAZY = re.compile(r"\bimport\((['`])\./")
_PRIVATE = re.compile(r"((?<=\.)|^  (?:/\*\* .*?\*/ )?(?:static |get |set |async )*)#(\w+)", re.MULTILINE)
"""A private name where it is declared, at the beginning of a class member, or used, after a full stop."""
_SHEET = re.compile(r"(?<=^const )([A-Z]+ = `)(.*?)(?=`;$)", re.DOTALL | re.MULTILINE)
"""A style sheet or part of one: a template in capitals, as `CSS`."""

UNCHANGED = "public, max-age=31536000, immutable"
"""What caches are told of an address that has the version in it."""


class BundleError(Exception):
    """A module is not in the form that can be joined."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Bundle in minified form."""

    body: bytes
    digest: str
    """The first 16 hexadecimal digits of its SHA-256: the version in its address."""
    integrity: str
    """Value for `integrity` of a script element (W3C Subresource Integrity)."""

    @property
    def name(self) -> str:
        """File name under which the bundle never changes."""
        return f"widget-{self.digest}.js"


_FRESH_S = 1.0
"""Time for which a bundle is taken as it is: looking at the modules' times takes 25 calls to the disk."""
_kept: dict[Path, tuple[float, Bundle]] = {}


def widget_bundle(static: Path = STATIC, *, monotonic: Callable[[], float] = time.monotonic) -> Bundle:
    """Return the bundle of the modules as they are on disk, or were within the last second.

    Raises:
        BundleError: a module imports in a circle, or in a form that cannot be joined.
    """
    now = monotonic()
    looked_at, bundle = _kept.get(static, (0.0, None))
    if bundle is None or now - looked_at >= _FRESH_S:
        files = [static / ENTRY, *sorted((static / "widget").glob("*.js"))]
        bundle = _made(static, tuple((path, path.stat().st_mtime_ns) for path in files))
        _kept[static] = now, bundle
    return bundle


@lru_cache(maxsize=4)
def _made(static: Path, _files: tuple[tuple[Path, int], ...]) -> Bundle:
    body = jsmin(join(static / ENTRY)).encode()
    integrity = base64.b64encode(hashlib.sha384(body).digest()).decode()
    return Bundle(body, hashlib.sha256(body).hexdigest()[:16], f"sha384-{integrity}")


def send_bundle(scope: Scope, digest: str | None = None, *, static: Path = STATIC) -> Response:
    """Make the response with the bundle: for good under its digest, to be revalidated without one.

    Under the digest of another version it is the present one, to be revalidated: a page that names an old address
    without `integrity` goes on working, and one with it gets what its browser will refuse.
    """
    bundle = widget_bundle(static)
    cache = UNCHANGED if digest == bundle.digest else "no-cache"
    return prepare(bundle.body, MEDIA_TYPES[".js"], cache=cache).response(scope)


def join(entry: Path) -> str:
    """Return the source of a module with all that it imports, each in a scope of its own.

    Raises:
        BundleError: a module imports in a circle, or in a form that cannot be joined.
    """
    joined: dict[Path, str] = {}
    _take(entry.resolve(), entry.resolve().parent, joined, ())
    return "".join(joined.values())


def _take(path: Path, root: Path, joined: dict[Path, str], way: tuple[Path, ...]) -> None:
    if path in way:
        raise BundleError(f"{path.name} imports itself by way of {way[-1].name}.")
    if path in joined:
        return
    source = path.read_text()
    names: list[str] = []
    for imported, address in _IMPORT.findall(source):
        other = (path.parent / address).resolve()
        _take(other, root, joined, (*way, path))
        if imported:
            wanted = ", ".join(name.strip().replace(" as ", ": ") for name in imported.split(",") if name.strip())
            names.append(f"const {{ {wanted} }} = {_scope(other, root)};\n")
    body = _EXPORT.sub("", _IMPORT.sub("", source))
    if found := re.search(r"^(?:import|export)\b(?!\().*", body, re.MULTILINE):
        raise BundleError(f"{path.name} cannot be joined: {found[0]}")
    folder = path.parent.relative_to(root).as_posix()
    body = _LAZY.sub(rf"import(\1./{folder}/", body) if folder != "." else body
    body = shorten_sheets(shorten_private_names(body))
    exported = ", ".join(_EXPORT.findall(source))
    joined[path] = f"const {_scope(path, root)} = (() => {{\n{''.join(names)}{body}\nreturn {{ {exported} }};\n}})();\n"


def shorten_private_names(source: str) -> str:
    """Return a module's source with the shortest private names: nothing outside of its classes can know them."""
    found = _PRIVATE.findall(source)
    declared = {name for before, name in found if before}
    often = [name for name, _ in Counter(name for _, name in found).most_common() if name in declared]
    short = dict(zip(often, _short_names(), strict=False))
    return _PRIVATE.sub(lambda found: f"{found[1]}#{short.get(found[2], found[2])}", source)


def _short_names() -> Iterator[str]:
    """Yield a, b, ... z, aa, ab, ...: as many as anybody needs."""
    for length in count(1):
        for letters in product(ascii_lowercase, repeat=length):
            yield "".join(letters)


def shorten_sheets(source: str) -> str:
    """Return a module's source with its style sheets shortened."""
    return _SHEET.sub(lambda sheet: sheet[1] + shorten_sheet(sheet[2]), source)


def shorten_sheet(css: str) -> str:
    """Return a style sheet without the spaces that mean nothing: around braces, after colons, commas and semicolons."""
    return re.sub(r"(?<=[{};:,])\s+|\s+(?=[{}])", "", css.strip())


def _scope(path: Path, root: Path) -> str:
    return "$" + re.sub(r"\W", "_", path.relative_to(root).with_suffix("").as_posix())
