"""Connections to Redis or Valkey: short patience, for nothing of record lives there."""

import contextlib
from typing import TYPE_CHECKING, Any

from app.errors import SettingsError, StateUnavailableError

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

ANSWER_FOR_S = 1.0
"""A server that takes longer is treated as gone: whoever asks has a way without it."""

PREFIX = "greenroom:"
"""Before every key and channel, so that a server can be shared."""

_REFUSED = 200


def open_redis(url: str, *, patience_s: float | None = ANSWER_FOR_S) -> "Redis":
    """A client; nothing is asked of the server yet. `patience_s`: None waits for ever, as a subscription does.

    Raises:
        SettingsError: the address is malformed, or the library is not installed.
    """
    try:
        from redis.asyncio import Redis, from_url  # noqa: PLC0415 - an optional part
    except ImportError as error:
        raise SettingsError(
            "GREENROOM_REDIS_URL needs the package `redis`; install it with `pip install 'greenroom[redis]'`."
        ) from error
    try:
        client: Redis = from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=ANSWER_FOR_S,
            socket_timeout=patience_s,
            health_check_interval=15,
        )
    except ValueError as error:
        raise SettingsError(
            f"Expected an address such as redis://host:6379/0 in GREENROOM_REDIS_URL, got another one: {error}."
        ) from error
    return client


def redis_errors() -> tuple[type[Exception], ...]:
    """What is raised while the server is gone, full or refusing."""
    from redis.exceptions import RedisError  # noqa: PLC0415 - an optional part

    return RedisError, OSError


async def close(part: "Redis | PubSub") -> None:
    """Give a connection back, whether or not the server still hears it."""
    with contextlib.suppress(*redis_errors()):
        await part.aclose()


async def describe(url: str) -> dict[str, Any]:
    """What the server says of itself: `version`, `policy` (what it does when its memory is full).

    Raises:
        SettingsError: the address is malformed.
        StateUnavailableError: it does not answer, refuses us, or takes nothing (a replica, full memory).
    """
    client = open_redis(url)
    try:
        told = await client.info()
        await client.set(f"{PREFIX}doctor", 1, ex=1)
    except redis_errors() as error:
        raise StateUnavailableError(
            f"Expected Redis to answer, got {type(error).__name__}: {str(error)[:_REFUSED].rstrip('.')}."
        ) from error
    finally:
        await close(client)
    return {
        "version": str(told.get("valkey_version") or told.get("redis_version")),
        "policy": str(told.get("maxmemory_policy", "")),
    }
