"""An audit: jobs that providers list under tokens of ours, and that no render knows. Each may be money for nothing."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.digest import digest_bytes
from app.errors import GreenroomError
from app.rendering.ledger import Ledger
from app.rendering.ports import Listing, Remembering, Renderer, Webhooks
from app.rendering.records import ORPHAN, Hook
from app.rendering.states import RenderState

_TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_UNSETTLED = {RenderState.SUBMITTING, RenderState.UNKNOWN, RenderState.PARKED}
"""A render in one of these may still learn that such a job is its own."""


@dataclass(frozen=True, slots=True)
class Audit:
    """Compares what the providers list with the ledger; what is found is kept among the orphans, once."""

    renderers: Mapping[str, Renderer]
    ledger: Ledger
    clock: Callable[[], datetime]

    async def run(self) -> int:
        """How many orphans there are that were not known before."""
        used = {(render.provider, render.model) for render in await self.ledger.list(limit=10_000) if render.attempts}
        for name, model in used:
            renderer = self.renderers.get(name)
            if isinstance(renderer, Remembering):
                renderer.remember(model)
        return sum([await self._look(name) for name in sorted({name for name, _ in used} & self.renderers.keys())])

    async def _look(self, provider: str) -> int:
        renderer, found = self.renderers[provider], 0
        if not isinstance(renderer, Listing):
            return 0
        try:
            async for request_id, shown in renderer.listed():
                tokens = set(_TOKEN.findall(shown))
                if tokens and await self._is_orphan(provider, request_id, tokens):
                    found += await self._keep(renderer, provider, request_id, min(tokens))
        except GreenroomError:
            pass  # a list that does not come today comes tomorrow
        return found

    async def _is_orphan(self, provider: str, request_id: str, tokens: set[str]) -> bool:
        """Whether one of the tokens was a render's of ours, which has, or had, another job or none."""
        owners = [render for token in tokens if (render := await self.ledger.by_token(token)) is not None]
        if not owners or await self.ledger.by_request(provider, request_id) is not None:
            return False
        for owner in owners:
            steps = await self.ledger.history(owner.id)
            waiting = owner.token in tokens and owner.state in _UNSETTLED
            if waiting or any(step.request_id == request_id for step in steps):
                return False
        return True

    async def _keep(self, renderer: Renderer, provider: str, request_id: str, token: str) -> bool:
        own = renderer.provider_id(request_id) if isinstance(renderer, Webhooks) else request_id
        return await self.ledger.keep_hook(Hook(provider, token, own, ORPHAN, self.clock(), digest_bytes(b"")))
