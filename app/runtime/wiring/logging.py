"""Structured logs: events named `noun.verb`, with values by key; secrets and visitors' words are left out."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

REDACTED = frozenset(
    {"token", "resume_token", "secret", "api_key", "api_keys", "authorization", "text", "question", "comment"}
)
"""Keys whose values never reach a log line."""


def set_up_logging(*, format_: str, level: str) -> None:
    """Send every log line to standard error in one form; lines of libraries from warnings on.

    With `json` a line is one JSON object: `event`, `level`, `timestamp`, the event's own keys, and
    `exception` if there is one.
    """
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    renderers: list[Any] = (
        [structlog.processors.format_exc_info, redact, structlog.processors.JSONRenderer(default=str)]
        if format_ == "json"
        else [_console()]
    )
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*processors, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),  # read each time: it may change
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
            foreign_pre_chain=processors,
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("app").setLevel(threshold)
    set_on_retry_hooks([_tell_retry])


def _tell_retry(details: RetryDetails) -> None:
    """Log that a request to a provider is repeated: what failed, as its own sentence, and the pause before the next."""
    structlog.get_logger().warning(
        "retry", what=str(details.caused_by), attempt=details.retry_num + 1, wait_s=round(details.wait_for, 2)
    )


def _console() -> Any:
    """Renderer for people; tracebacks without values of variables, which may be visitors' words or tokens."""
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of redacted keys at any depth, and names and passwords in addresses."""
    for key, value in event.items():
        event[key] = _HIDDEN if key.lower() in REDACTED else _cleaned(value)
    return event


def _cleaned(value: Any) -> Any:
    match value:
        case dict():
            return redact(None, "", dict(value))
        case list() | tuple():
            return [_cleaned(item) for item in value]
        case str():
            return _CREDENTIALS.sub(rf"\1{_HIDDEN}@", value)
        case _:
            return value


_HIDDEN = "[redacted]"

_CREDENTIALS = re.compile(r"(\w://)[^\s/@]*:[^\s/@]*@")
"""Name and password in an address, `postgresql://name:password@host`, as in messages of libraries."""
