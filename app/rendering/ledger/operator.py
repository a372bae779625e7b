"""Operator's actions on renders: list, show, cancel, retry, spending. The ledger's rules apply."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.errors import RenderNotFoundError, RenderStateError
from app.rendering.ledger.decisions import Cancel, Retry
from app.rendering.ledger.port import Ledger
from app.rendering.ledger.records import Hook, Record, SpendLine
from app.rendering.ledger.rejections import film_again, was_rejected
from app.rendering.ledger.states import Render, RenderState

_SHORTEST_ID = 6


@dataclass(frozen=True, slots=True)
class RenderStory:
    """Render with its history and its webhooks."""

    render: Render
    history: tuple[Record, ...]
    hooks: tuple[Hook, ...]


@dataclass(frozen=True, slots=True)
class SpendReport:
    """Spending, one line per day, provider and intent, and the totals."""

    lines: tuple[SpendLine, ...]

    @property
    def reserved(self) -> Decimal:
        """Amount that may still be billed."""
        return sum((line.reserved for line in self.lines), Decimal(0))

    @property
    def spent(self) -> Decimal:
        """Amount that is or may have been billed."""
        return sum((line.spent for line in self.lines), Decimal(0))

    @property
    def rejected(self) -> Decimal:
        """Part of `spent` for clips that the quality gate refused."""
        return sum((line.rejected for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class RenderAdmin:
    """Operator's access to the ledger."""

    ledger: Ledger
    clock: Callable[[], datetime]

    async def renders(self, *, states: Sequence[RenderState] = (), limit: int = 30) -> tuple[Render, ...]:
        """Return the newest renders."""
        return await self.ledger.list(states=states, limit=limit)

    async def find(self, render_id: str) -> Render:
        """Return the render with this id, or with an id that begins like this.

        Raises:
            RenderNotFoundError: there is none, or more than one.
        """
        if len(render_id) >= 32:
            return await self.ledger.get(render_id)
        count, render = await self.ledger.by_prefix(render_id) if len(render_id) >= _SHORTEST_ID else (0, None)
        if render is None:
            raise RenderNotFoundError(
                f"Expected the id of one render, or at least its first {_SHORTEST_ID} characters, got {render_id!r} "
                f"({count} renders); `greenroom renders` lists them."
            )
        return render

    async def show(self, render_id: str) -> RenderStory:
        """Return a render with its history."""
        render = await self.find(render_id)
        hooks = await self.ledger.hooks(render.token) if render.token else ()
        return RenderStory(render, await self.ledger.history(render.id), hooks)

    async def cancel(self, render_id: str) -> Render:
        """Cancel a render; a submitted one counts as billed.

        Raises:
            RenderNotFoundError: there is none.
            RenderStateError: it is over already.
        """
        render = await self.find(render_id)
        return await self.ledger.apply(render.id, Cancel(now=self.clock()))

    async def retry(self, render_id: str) -> Render:
        """Allow a new submit of a parked render, by a person's decision; the last attempt counts as billed.

        A render whose clip was refused is over: it is replaced by a new render of the same recipe.

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
        """Return the spending between two days, both included."""
        return SpendReport(await self.ledger.spend_report(since=since, until=until))
