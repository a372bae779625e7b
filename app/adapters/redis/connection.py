"""Connections to Redis or Valkey, with short time limits: no record depends on the server."""

import contextlib
from typing import TYPE_CHECKING, Any

from app.errors import SettingsError, StateUnavailableError

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

ANSWER_FOR_S = 1.0
"""Time limit of an answer in seconds.

A slower server counts as gone, because every caller can do without it.
"""

PREFIX = "greenroom:"
"""Prefix of every key and channel, so that a server can be shared."""

_REFUSED = 200


def open_redis(url: str, *, patience_s: float | None = ANSWER_FOR_S) -> "Redis":
    """Return a client; no request is sent yet.

    `patience_s` is the time limit of a connection and of an answer in seconds; None waits for ever for answers, as a
    subscription does.

    Raises:
        SettingsError: the address is malformed, or the library is not installed.
    """
    try:
        from redis.asyncio import Redis, from_url  # noqa: PLC0415 - an optional part
    except ImportError as error:
        raise SettingsError(
            "Cannot use GREENROOM_REDIS_URL: the package `redis` is missing. Run `pip install 'greenroom[redis]'`."
        ) from error
    try:
        client: Redis = from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=patience_s or ANSWER_FOR_S,
            socket_timeout=patience_s,
            health_check_interval=15,
        )
    except ValueError as error:
        raise SettingsError(
            f"Expected an address such as redis://host:6379/0 in GREENROOM_REDIS_URL, got another one: {error}."
        ) from error
    return client


def redis_errors() -> tuple[type[Exception], ...]:
    """Return the errors of a server that is gone, full or refusing."""
    from redis.exceptions import RedisError  # noqa: PLC0415 - an optional part

    return RedisError, OSError


async def close(part: "Redis | PubSub") -> None:
    """Close a connection, whether or not the server still answers."""
    with contextlib.suppress(*redis_errors()):
        await part.aclose()


async def describe(url: str) -> dict[str, Any]:
    """Return the server's `version` and `policy` (its behaviour when its memory is full).

    Raises:
        SettingsError: the address is malformed.
        StateUnavailableError: it does not answer, refuses us, or accepts no writes (a replica, full
            memory).
    """
    client = open_redis(url)
    try:
        info = await client.info()
        await client.set(f"{PREFIX}doctor", 1, ex=1)
    except redis_errors() as error:
        raise StateUnavailableError(
            f"Cannot use Redis: {type(error).__name__}: {str(error)[:_REFUSED].rstrip('.')}."
        ) from error
    finally:
        await close(client)
    return {
        "version": str(info.get("valkey_version") or info.get("redis_version")),
        "policy": str(info.get("maxmemory_policy", "")),
    }
