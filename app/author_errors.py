"""Errors of an author's work: releases, imports, edits. They are as those of `app/errors.py`.

GreenroomError
+-- NotFoundError
|   +-- ReleaseNotFoundError      release_not_found
+-- ReleaseConflictError          release_conflict
"""

from app.errors import GreenroomError, NotFoundError


class ReleaseNotFoundError(NotFoundError):
    """No release has this number."""

    code = "release_not_found"


class ReleaseConflictError(GreenroomError):
    """Somebody else published, or went back, at the same time."""

    code = "release_conflict"
