"""What a person may do about renders: look, reconcile, cancel, retry; the ledger's rules hold for people too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.errors import RenderNotFoundError, RenderStateError
from app.rendering.ledger.port import Ledger
from app.rendering.ledger.records import Hook, Record, SpendLine
from app.rendering.ledger.rejections import film_again, was_rejected
from app.rendering.ledger.states import Cancel, Render, RenderState, Retry

_SHORTEST_ID = 6


@dataclass(frozen=True, slots=True)
class RenderStory:
    """A render with all that happened to it."""

    render: Render
    history: tuple[Record, ...]
    hooks: tuple[Hook, ...]


@dataclass(frozen=True, slots=True)
class SpendReport:
    """What was spent, a line for each day, provider and intent, and in total."""

    lines: tuple[SpendLine, ...]

    @property
    def reserved(self) -> Decimal:
        """What may still be billed."""
        return sum((line.reserved for line in self.lines), Decimal(0))

    @property
    def spent(self) -> Decimal:
        """What is or may have been billed."""
        return sum((line.spent for line in self.lines), Decimal(0))

    @property
    def rejected(self) -> Decimal:
        """What of it went into clips that the quality gate refused."""
        return sum((line.rejected for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class RenderAdmin:
    """The operator's view of the ledger."""

    ledger: Ledger
    clock: Callable[[], datetime]

    async def renders(self, *, states: Sequence[RenderState] = (), limit: int = 30) -> tuple[Render, ...]:
        """The newest renders."""
        return await self.ledger.list(states=states, limit=limit)

    async def find(self, render_id: str) -> Render:
        """The render of this id, or of one that begins like this.

        Raises:
            RenderNotFoundError: there is none, or more than one.
        """
        if len(render_id) >= 32:
            return await self.ledger.get(render_id)
        count, render = await self.ledger.by_prefix(render_id) if len(render_id) >= _SHORTEST_ID else (0, None)
        if render is None:
            raise RenderNotFoundError(
                f"Expected the id of one render, or its first {_SHORTEST_ID} or more letters, got {render_id!r}, which "
                f"{count} have; `greenroom renders` lists them."
            )
        return render

    async def show(self, render_id: str) -> RenderStory:
        """A render with its history."""
        render = await self.find(render_id)
        hooks = await self.ledger.hooks(render.token) if render.token else ()
        return RenderStory(render, await self.ledger.history(render.id), hooks)

    async def cancel(self, render_id: str) -> Render:
        """Stop it; what was submitted counts as billed.

        Raises:
            RenderNotFoundError: there is none.
            RenderStateError: it is over already.
        """
        render = await self.find(render_id)
        return await self.ledger.apply(render.id, Cancel(now=self.clock()))

    async def retry(self, render_id: str) -> Render:
        """Let a parked render be submitted again, on a person's word; the earlier attempt counts as billed.

        One whose clip was refused is over: the same is wanted again in a new render.

        Raises:
            RenderNotFoundError: there is none.
            RenderStateError: it is neither parked nor refused.
        """
        render = await self.find(render_id)
        if was_rejected(render):
            return await film_again(self.ledger, render, now=self.clock())
        if render.state is not RenderState.PARKED:
            raise RenderStateError(
                f"Only a render that is parked, or whose clip was refused, is retried by hand; {render.id} is "
                f"{render.state.value}: leave it to `warm`."
            )
        return await self.ledger.apply(render.id, Retry(now=self.clock()))

    async def spend(self, *, since: date | None = None, until: date | None = None) -> SpendReport:
        """What was spent between two days, both counted."""
        return SpendReport(await self.ledger.spend_report(since=since, until=until))
