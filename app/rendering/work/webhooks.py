"""Where providers call back: a delivery is verified, kept once, and only then taken as a hint to look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from app.digest import digest_bytes
from app.errors import AccessError, NotFoundError
from app.rendering.ledger.records import ORPHAN, Hook
from app.rendering.ledger.states import Render
from app.rendering.ports import Webhooks
from app.rendering.work.studio import Studio

Received = Literal["kept", "repeated", "astray", "orphan"]
"""What became of a delivery.

`astray`: it tells of another render's job than the address says. `orphan`: of a job that no render knows, which may be
money for nothing.
"""


@dataclass(frozen=True, slots=True)
class WebhookReceiver:
    """Takes webhooks; `wake` tells the reconciler, should nobody here be waiting for the token."""

    studio: Studio
    wake: Callable[[], None] = lambda: None

    async def receive(self, provider: str, token: str, *, headers: Mapping[str, str], body: bytes) -> Received:
        """Keep a delivery, once. Nothing of it is believed: whoever waits asks the provider.

        It is traced under what wanted the render.

        Raises:
            NotFoundError: this provider does not call back here.
            AccessError: it is not the provider's, or too old.
            ProviderUnavailableError: it cannot be verified now; it will be delivered again.
        """
        renderer = self.studio.renderers.get(provider)
        if not isinstance(renderer, Webhooks):
            raise NotFoundError(f"No provider {provider!r} calls back here.")
        now = self.studio.clock()
        event = await renderer.verify(headers, body, now=now)
        hook = Hook(provider, token, event.request_id, event.state, now, digest_bytes(body))
        render = await self.studio.ledger.by_token(token)
        wanted_by = render.labels.traceparent if render else ""
        self.studio.tracer.begin("webhook", parent=wanted_by, provider=provider, state=event.state).end()
        if render is None and renderer.capabilities.webhook == "token":
            raise AccessError(f"Expected the token of a render in the address of {provider!r}'s call, got another one.")
        owner = await self.studio.ledger.by_request(provider, event.request_id)
        if owner is not None and (render is None or owner.id != render.id):
            self.studio.notifications.notify(owner.token or "")
            return "astray"
        if not await self._belongs(hook, render, renderer):
            fresh = await self.studio.ledger.keep_hook(replace(hook, state=ORPHAN))
            return "orphan" if fresh else "repeated"
        fresh = await self.studio.ledger.keep_hook(hook)
        if fresh and not self.studio.notifications.notify(token):
            self.wake()
        return "kept" if fresh else "repeated"

    async def _belongs(self, hook: Hook, render: Render | None, renderer: Webhooks) -> bool:
        """Whether it may be about this token's submit: its answer is not here yet, or named this very job."""
        if render is None:
            return False
        if render.token == hook.token:
            known = {render.request_id} - {None}
        else:
            steps = await self.studio.ledger.history(render.id)
            known = {step.request_id for step in steps if step.token == hook.token} - {None, render.request_id}
            if not known:
                return False
        return not known or hook.request_id in {renderer.provider_id(str(one)) for one in known}
