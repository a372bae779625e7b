"""Webhooks of providers: each is verified, stored once, and then only a notification to look."""

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
"""Outcome of a webhook.

`astray`: it is about another render's job than its address. `orphan`: it is about a job of no render, which
may be wasted money.
"""


@dataclass(frozen=True, slots=True)
class WebhookReceiver:
    """Receives webhooks; `wake` starts the reconciler if nobody on this node waits for the token."""

    studio: Studio
    wake: Callable[[], None] = lambda: None

    @property
    def senders(self) -> tuple[str, ...]:
        """Names of the providers that may send webhooks here."""
        return tuple(sorted(name for name, one in self.studio.renderers.items() if isinstance(one, Webhooks)))

    async def receive(self, provider: str, token: str, *, headers: Mapping[str, str], body: bytes) -> Received:
        """Store a webhook, once. Its contents are not believed: the waiting attempt polls the provider.

        Its span belongs to the trace of the render.

        Raises:
            NotFoundError: this provider sends no webhooks.
            AccessError: it is not the provider's, or too old.
            ProviderUnavailableError: it cannot be verified now; the provider will send it again.
        """
        renderer = self.studio.renderers.get(provider)
        if not isinstance(renderer, Webhooks):
            raise NotFoundError(f"No provider {provider!r} calls back here.")
        now = self.studio.clock()
        event = await renderer.verify(headers, body, now=now)
        hook = Hook(provider, token, event.request_id, event.state, now, digest_bytes(body))
        render = await self.studio.ledger.by_token(token)
        parent = render.labels.traceparent if render else ""
        self.studio.tracer.begin("webhook", parent=parent, provider=provider, state=event.state).end()
        if render is None and renderer.capabilities.webhook == "token":
            raise AccessError(f"Cannot accept this webhook of {provider!r}: no render has the token in its address.")
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
        """Return whether it may be about this token's submit, whose answer is missing or named this job."""
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
