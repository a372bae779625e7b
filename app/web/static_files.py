"""Static files of the widget, for other people's pages: minified and compressed when they are sent."""

import gzip
import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import Response
from fastapi.staticfiles import StaticFiles
from rjsmin import jsmin
from starlette.datastructures import Headers
from starlette.types import Scope

from app.web.clips import is_unchanged
from app.web.headers import ANYWHERE

STATIC = Path(__file__).parent / "static"

MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
"""Media types by suffix; a computer's own table may name others, with which a browser runs no script."""

MAX_FILES = 64
"""More files than there are; each is prepared once while it stays unchanged on disk."""


class EmbeddedFiles(StaticFiles):
    """Static files: minified scripts, all files compressed and revalidated each time (ETag, 304)."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Make the response: the prepared file, or 304 if it has not changed."""
        return _prepared(Path(full_path), stat_result.st_mtime_ns).response(scope, status_code)


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a file: its bytes and headers."""

    body: bytes
    media_type: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """Both forms of a file: plain and gzip."""

    plain: Form
    zipped: Form

    def response(self, scope: Scope, status_code: int = 200) -> Response:
        """Make the response in the form that the browser can read, or 304 if it has that already."""
        asked = Headers(scope=scope)
        form = self.zipped if _reads_gzip(asked.get("accept-encoding", "")) else self.plain
        if is_unchanged(asked, etag=form.headers["etag"]):
            return Response(status_code=304, headers=form.headers)
        headers = form.headers | {"content-length": str(len(form.body)), "content-type": form.media_type}
        return Response(b"" if scope["method"] == "HEAD" else form.body, status_code, headers)


@lru_cache(maxsize=MAX_FILES)
def _prepared(path: Path, _mtime_ns: int) -> PreparedFile:
    body = path.read_bytes()
    if path.suffix == ".js":
        body = jsmin(body.decode()).encode()
    return prepare(body, MEDIA_TYPES.get(path.suffix, "application/octet-stream"), cache="no-cache")


@lru_cache(maxsize=MAX_FILES)
def prepare(body: bytes, media_type: str, *, cache: str) -> PreparedFile:
    """Prepare bytes for being sent; `cache` is the value of `Cache-Control`."""
    digest = hashlib.sha256(body).hexdigest()[:32]
    shared = ANYWHERE | {"cache-control": cache, "vary": "Accept-Encoding"}
    zipped = gzip.compress(body, 9, mtime=0)
    return PreparedFile(
        Form(body, media_type, shared | {"etag": f'"{digest}"'}),
        Form(zipped, media_type, shared | {"etag": f'"{digest}-gzip"', "content-encoding": "gzip"}),
    )


def _reads_gzip(accepted: str) -> bool:
    """Return whether `Accept-Encoding` names gzip with a weight above 0."""
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
