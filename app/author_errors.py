"""Errors of an author's work (releases, imports, edits) and of spoken questions, as those of `app/errors.py`.

GreenroomError
+-- NotFoundError
|   +-- ReleaseNotFoundError      release_not_found
|   +-- DraftNotFoundError        draft_not_found
|   +-- QuestionNotFoundError     question_not_found
+-- QueryInvalidError             query_invalid
+-- ReleaseConflictError          release_conflict
+-- ReleaseStaleError             release_stale
+-- ClipsMissingError             clips_missing
+-- ReviewMissingError            review_missing
+-- ReleaseRequestError           release_request_invalid
+-- FormInvalidError              form_invalid
+-- RequestUnknownError           request_unknown
+-- DraftConflictError            draft_conflict
+-- EditRefusedError              edit_refused
|   +-- EditConflictError         edit_conflict
+-- SpeechBusyError               speech_busy (retryable)
+-- SpeechUnavailableError        speech_unavailable
"""

from collections.abc import Mapping
from decimal import Decimal

from app.errors import GreenroomError, NotFoundError


class ReleaseNotFoundError(NotFoundError):
    """No release has this number."""

    code = "release_not_found"


class ReleaseConflictError(GreenroomError):
    """Somebody else published, or went back, at the same time."""

    code = "release_conflict"


class ReleaseStaleError(GreenroomError):
    """Others published since the folder was made from a release; nothing was published.

    `details` name the files and the places that collide; `standing` is the whole comparison.
    """

    code = "release_stale"

    def __init__(self, message: str, *, standing: object = None, details: tuple[Mapping[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.standing = standing
        self.details = details


class ClipsMissingError(GreenroomError):
    """Clips of the catalog are not rendered yet: those answers would be words; nothing was published."""

    code = "clips_missing"

    def __init__(self, message: str, *, missing: int, price: Decimal = Decimal(0)) -> None:
        super().__init__(message)
        self.missing = missing
        self.price = price


class DraftNotFoundError(NotFoundError):
    """No draft has this name."""

    code = "draft_not_found"


class DraftConflictError(GreenroomError):
    """Somebody saved, approved or published this draft meanwhile."""

    code = "draft_conflict"


class ReviewMissingError(GreenroomError):
    """The site asks for a second person's approval, and it is not there."""

    code = "review_missing"


class ReleaseRequestError(GreenroomError):
    """A draft's name or time, or the folder for a release, cannot be used; nothing was done."""

    code = "release_request_invalid"


class EditRefusedError(GreenroomError):
    """The catalog's files cannot be edited as asked; nothing was written."""

    code = "edit_refused"


class EditConflictError(EditRefusedError):
    """A file of the catalog changed after its author saw it; nothing was written."""

    code = "edit_conflict"


class QuestionNotFoundError(NotFoundError):
    """No group holds a question with this id."""

    code = "question_not_found"


class QueryInvalidError(GreenroomError):
    """A filter, limit or cursor of a list cannot be used."""

    code = "query_invalid"


class SpeechBusyError(GreenroomError):
    """No spoken question can be heard now; `retry_after_s` says when there may be room again."""

    code = "speech_busy"
    retryable = True

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SpeechUnavailableError(GreenroomError):
    """The recogniser of spoken questions cannot be loaded; the cause says why."""

    code = "speech_unavailable"


class FormInvalidError(GreenroomError):
    """A form's answer is missing or is none of its kind; `fields` name them."""

    code = "form_invalid"

    def __init__(self, message: str, *, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.fields = fields


class RequestUnknownError(NotFoundError):
    """A page answers what it was not asked: a form that was not shown, a function that was not called."""

    code = "request_unknown"
