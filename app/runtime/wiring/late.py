"""Late parts: imported and made at their first call, so that no command loads what it does without."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


def late(make: Callable[[], T]) -> T:
    """Return a part whose methods are all coroutines. `make` imports and makes it in a thread, at the first call.

    A wrong setting is told then, not at the start: only what reads none is made late.
    """
    return cast("T", _LatePart(make))


class _LatePart:
    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: Any = None
        self._making = asyncio.Lock()

    def __getattr__(self, name: str) -> Any:
        async def call(*arguments: Any, **named: Any) -> Any:
            async with self._making:  # two first calls at once make one part
                self._made = self._made or await asyncio.to_thread(self._make)
            return await getattr(self._made, name)(*arguments, **named)

        return call
