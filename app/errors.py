"""Errors: every one that Greenroom raises on purpose.

Each class has a stable `code`, the same on the command line, over HTTP and on the socket, and says whether
trying again can help. Transports have their own tables from code to status; nothing here knows about them.
Errors of an author's work are in `app/author_errors.py`.

    GreenroomError
    +-- SettingsError                 settings_invalid
    |   +-- SchemaNewerError          schema_newer
    +-- CatalogError                  catalog_invalid
    +-- PlanError                     plan_invalid
    +-- NotFoundError                 not_found
    |   +-- IntentNotFoundError       intent_not_found
    |   +-- TurnNotFoundError         turn_not_found
    |   +-- SessionNotFoundError      session_not_found
    |   +-- RenderNotFoundError       render_not_found
    |   +-- BlobNotFoundError         blob_not_found
    +-- StoreError                    store_failed
    |   +-- StoreFullError            store_full
    |   +-- DigestError               digest_invalid
    |   +-- BlobCorruptError          blob_corrupt
    |   +-- BlobTooLargeError         blob_too_large
    +-- CredentialsError              credentials_failed
    +-- MatchingError                 matching_failed
    |   +-- EncoderUnavailableError   encoder_unavailable (retryable)
    +-- RenderingError                rendering_failed
    |   +-- ConsentMissingError       consent_missing
    |   +-- LimitExceededError        limit_exceeded
    |   +-- BudgetExceededError       budget_exceeded
    |   +-- ProviderUnknownError      provider_unknown
    |   +-- ProviderRefusedError      provider_refused
    |   +-- ProviderUnavailableError  provider_unavailable (retryable)
    |   +-- ProviderBusyError         provider_busy (retryable)
    |   +-- OutcomeUnknownError       outcome_unknown
    |   +-- ChargedWithoutClipError   charged_without_clip
    |   +-- ClipRejectedError         clip_rejected
    |   +-- LeaseLostError            lease_lost
    |   +-- RenderStateError          render_state
    |   +-- PortraitError             portrait_unusable
    |   +-- MediaError                media_invalid
    +-- AccessError                   not_authorised
    |   +-- OriginError               origin_not_allowed
    |   +-- RoleError                 role_missing
    +-- ConversationError             conversation_failed
    |   +-- ContentBlockedError       content_blocked
    |   +-- GenerationCappedError     generation_capped
    +-- StateUnavailableError         state_unavailable (retryable)
    |   +-- StateFullError            state_full (retryable)
    +-- RateLimitedError              rate_limited (retryable)
    +-- ProtocolError                 message_invalid
        +-- MessageUnknownError       message_unknown
"""

from typing import ClassVar


class GreenroomError(Exception):
    """Root of all errors: `str(error)` is one sentence a person can act on."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False


class SettingsError(GreenroomError):
    """A `GREENROOM_*` setting is missing, malformed or unsafe."""

    code = "settings_invalid"


class SchemaNewerError(SettingsError):
    """The database was migrated by a newer version, on whose schema this one may not run."""

    code = "schema_newer"


class CatalogError(GreenroomError):
    """The catalog cannot be used as it is; the findings say why."""

    code = "catalog_invalid"


class PlanError(GreenroomError):
    """A plan in a file cannot be read, or does not hold any more; nothing was ordered."""

    code = "plan_invalid"


class NotFoundError(GreenroomError):
    """Something named does not exist."""

    code = "not_found"


class IntentNotFoundError(NotFoundError):
    """No intent has this id in the served release."""

    code = "intent_not_found"


class TurnNotFoundError(NotFoundError):
    """No turn has this id."""

    code = "turn_not_found"


class SessionNotFoundError(NotFoundError):
    """Nothing is stored about a session with this id."""

    code = "session_not_found"


class RenderNotFoundError(NotFoundError):
    """No render has this id."""

    code = "render_not_found"


class BlobNotFoundError(NotFoundError):
    """The store holds no bytes with this digest."""

    code = "blob_not_found"


class StoreError(GreenroomError):
    """The store could not do what was asked; nothing is half written."""

    code = "store_failed"


class StoreFullError(StoreError):
    """The store's disk has no room left; nothing is half written."""

    code = "store_full"


class DigestError(StoreError):
    """A text is not a sha256 digest."""

    code = "digest_invalid"


class BlobCorruptError(StoreError):
    """Stored bytes no longer have the digest they are named by."""

    code = "blob_corrupt"


class BlobTooLargeError(StoreError):
    """More bytes came than were allowed."""

    code = "blob_too_large"


class CredentialsError(GreenroomError):
    """Content Credentials cannot be written or read; a delivered clip is kept for a later run."""

    code = "credentials_failed"


class MatchingError(GreenroomError):
    """A question could not be decided."""

    code = "matching_failed"


class EncoderUnavailableError(MatchingError):
    """The sentence encoder is not there or not loaded yet."""

    code = "encoder_unavailable"
    retryable = True


class RenderingError(GreenroomError):
    """An answer could not become a clip."""

    code = "rendering_failed"


class ConsentMissingError(RenderingError):
    """The consent record of the avatar does not cover this use."""

    code = "consent_missing"


class LimitExceededError(RenderingError):
    """The input is larger or longer than the provider takes."""

    code = "limit_exceeded"


class BudgetExceededError(RenderingError):
    """The next step would cost more than is allowed."""

    code = "budget_exceeded"


class ProviderUnknownError(RenderingError):
    """No provider has this name."""

    code = "provider_unknown"


class ProviderRefusedError(RenderingError):
    """The provider refuses for good; `reason`: auth, payment (the account), input, moderation (the job).

    `voice` names the provider where it is that of a voice, and not the renderer.
    """

    code = "provider_refused"

    def __init__(self, message: str, *, reason: str = "", voice: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.voice = voice


class ProviderUnavailableError(RenderingError):
    """The provider did not take the work this time; `retry_after_s` is the pause that it asked for."""

    code = "provider_unavailable"
    retryable = True

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ProviderBusyError(RenderingError):
    """The provider's limit of jobs at once, or a minute, is reached; no request was sent."""

    code = "provider_busy"
    retryable = True


class OutcomeUnknownError(RenderingError):
    """The provider may or may not have accepted the job: reconcile, never resubmit."""

    code = "outcome_unknown"


class ChargedWithoutClipError(RenderingError):
    """An order is or may be billed and brought no clip; a person decides whether it is ordered again."""

    code = "charged_without_clip"


class ClipRejectedError(RenderingError):
    """A delivered clip failed the quality gate and is set aside."""

    code = "clip_rejected"


class LeaseLostError(RenderingError):
    """Another worker holds this render now; drop the work done so far."""

    code = "lease_lost"


class RenderStateError(RenderingError):
    """The ledger's state machine has no such transition from the render's state."""

    code = "render_state"


class PortraitError(RenderingError):
    """The portrait cannot be animated."""

    code = "portrait_unusable"


class MediaError(RenderingError):
    """A media file is not what it should be."""

    code = "media_invalid"


class AccessError(GreenroomError):
    """The caller may not do this."""

    code = "not_authorised"


class OriginError(AccessError):
    """The origin of the page is not on the list."""

    code = "origin_not_allowed"


class RoleError(AccessError):
    """The key is valid, but its role does not allow this."""

    code = "role_missing"


class ConversationError(GreenroomError):
    """A question could not be answered in words."""

    code = "conversation_failed"


class ContentBlockedError(ConversationError):
    """Moderation does not let the question, or the words for it, through."""

    code = "content_blocked"


class GenerationCappedError(ConversationError):
    """No more new answers for this visitor, this address or this day."""

    code = "generation_capped"


class StateUnavailableError(GreenroomError):
    """The database cannot be reached now; nothing was written."""

    code = "state_unavailable"
    retryable = True


class StateFullError(StateUnavailableError):
    """The database is reachable but has no room left to write; waiting alone does not help."""

    code = "state_full"


class RateLimitedError(GreenroomError):
    """Too many requests in too short a time; `retry_after_s` says when there is room again."""

    code = "rate_limited"
    retryable = True

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ProtocolError(GreenroomError):
    """A message on the socket was not understood."""

    code = "message_invalid"


class MessageUnknownError(ProtocolError):
    """A message on the socket has a type that this version does not know."""

    code = "message_unknown"
