"""Rate limits that all nodes share: a token bucket a scope, counted inside Redis by Redis' own clock."""

import logging
from collections.abc import Callable
from typing import Any

from app.adapters.redis.connection import ANSWER_FOR_S, PREFIX, close, open_redis, redis_errors
from app.conversation.rate_limits import Limits, Rate

_log = logging.getLogger(__name__)

ALONE_FOR_S = 5.0
"""Time in seconds that this node counts alone after a failure.

No visitor then waits for a server that is gone.
"""

_TAKE = """
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local burst, per_s = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = tonumber(kept[1]) or burst
local at = tonumber(kept[2]) or now
level = math.min(burst, level + math.max(0, now - at) * per_s)
local wait = 0
if level < 1 then wait = (1 - level) / per_s else level = level - 1 end
redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / per_s * 1000) + 1000)
return string.format('%.6f', wait)
"""
"""Script of one take. It is atomic, so that two nodes never take the same token; a full bucket expires."""


class RedisLimits:
    """Rate limits counted by all nodes of a site; `alone` counts while Redis is gone."""

    def __init__(
        self,
        url: str,
        *,
        site: str,
        alone: Limits,
        monotonic: Callable[[], float],
        patience_s: float = ANSWER_FOR_S,
    ) -> None:
        """Open the client; no request is sent yet. `patience_s` is the time limit of an answer in seconds."""
        self._client = open_redis(url, patience_s=patience_s)
        self._prefix = f"{PREFIX}{site}:limit:"
        self._alone = alone
        self._monotonic = monotonic
        self._alone_until = float("-inf")
        self._take: Any = self._client.register_script(_TAKE)

    async def take(self, scope: str, rate: Rate) -> float:
        """Take a token in Redis, else from the local limits."""
        if self._monotonic() < self._alone_until:
            return await self._alone.take(scope, rate)
        try:
            return float(await self._take(keys=[self._prefix + scope], args=[rate.burst, rate.per_s]))
        except redis_errors() as error:
            self._alone_until = self._monotonic() + ALONE_FOR_S
            _log.warning("limits.alone", extra={"reason": str(error)[:200]})
            return await self._alone.take(scope, rate)

    async def aclose(self) -> None:
        """Close the connections."""
        await close(self._client)
