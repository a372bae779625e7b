"""Operator's actions on renders: list, show, cancel, retry, spending. The ledger's rules apply."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_UP, Decimal

from app.errors import (
    ChargedWithoutClipError,
    ProviderRefusedError,
    ProviderUnavailableError,
    RenderNotFoundError,
    RenderStateError,
)
from app.rendering.ledger.calls import PaidCalls
from app.rendering.ledger.decisions import Cancel, Resolve, Retry
from app.rendering.ledger.port import Ledger
from app.rendering.ledger.records import FILM, Hook, Record, SpendLine
from app.rendering.ledger.rejections import needs_word, refused_speech, refused_words, render_again, was_rejected
from app.rendering.ledger.states import Render, RenderState
from app.rendering.ports import MICRO

_SHORTEST_ID = 6

MAX_NOTE_CHARS = 500
"""Longest note on an orphan."""


@dataclass(frozen=True, slots=True)
class RenderStory:
    """Render with its history and its webhooks."""

    render: Render
    history: tuple[Record, ...]
    hooks: tuple[Hook, ...]


@dataclass(frozen=True, slots=True)
class SpendTotal:
    """Sums of all lines in one currency."""

    currency: str
    submits: int
    clips: int
    reserved: Decimal
    spent: Decimal
    rejected: Decimal


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

    @property
    def clip_price(self) -> Decimal | None:
        """Mean price of a clip that cost money, with all that was spent on the way; None without one."""
        paid = [line for line in self.lines if line.kind == FILM and line.spent > 0]
        clips = sum(line.clips for line in paid)
        return sum((line.spent for line in paid), Decimal(0)) / clips if clips else None

    @property
    def totals(self) -> tuple[SpendTotal, ...]:
        """Sums of the lines, one per currency."""
        return tuple(_total(currency, self.lines) for currency in sorted({line.currency for line in self.lines}))


@dataclass(frozen=True, slots=True)
class RenderAdmin:
    """Operator's access to the ledger; `calls`: that of the paid calls which are no films."""

    ledger: Ledger
    clock: Callable[[], datetime]
    calls: PaidCalls | None = None

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
        if needs_word(render):
            return await render_again(self.ledger, render, now=self.clock())
        if render.state is not RenderState.PARKED:
            raise RenderStateError(
                f"Only a render that is parked, or whose clip was refused, is retried by hand; {render.id} is "
                f"{render.state.value}: leave it to `warm`."
            )
        return await self.ledger.apply(render.id, Retry(now=self.clock()))

    async def resolve(self, render_id: str, *, billed: Decimal | None, ordered: bool = True) -> Render:
        """Record what a person found out about a parked render's job: its bill, if any, or that there never was a job.

        What was billed is not ordered again without a further word; what was not may be.

        Raises:
            RenderNotFoundError: there is none.
            RenderStateError: it is not parked, or nothing is set aside for it.
        """
        render = await self.find(render_id)
        if render.state is not RenderState.PARKED or not render.reserved:
            raise RenderStateError(
                f"Cannot resolve render {render.id}: it is {render.state.value} with {render.reserved:f} "
                f"{render.currency} set aside. Only a parked render whose money is not settled is resolved."
            )
        return await self.ledger.apply(render.id, _resolved(render, billed, ordered=ordered, now=self.clock()))

    async def correct(self, render_id: str, amount: Decimal, *, note: str) -> Record:
        """Book a correction of a render's settled money: a refund with a minus, or what was billed beyond the estimate.

        Raises:
            RenderNotFoundError: there is no such render.
            RenderStateError: its money is not settled, or less than nothing would be booked.
        """
        render = await self.find(render_id)
        return await self.ledger.correct(render.id, amount.quantize(MICRO, ROUND_UP), note=note, now=self.clock())

    async def acknowledge(self, provider: str, request_id: str, *, note: str) -> Hook:
        """Record that a person has looked into an orphan; `note` has at most `MAX_NOTE_CHARS` characters.

        Raises:
            RenderNotFoundError: there is no such orphan.
        """
        return await self.ledger.acknowledge(provider, request_id, note=note, now=self.clock())

    async def spend(self, *, since: date | None = None, until: date | None = None) -> SpendReport:
        """Return the spending between two days, both included: of films, and of calls that are none."""
        films = await self.ledger.spend_report(since=since, until=until)
        calls = await self.calls.spend_report(since=since, until=until) if self.calls else ()
        return SpendReport(tuple(sorted((*films, *calls), key=lambda line: (line.day, line.provider, line.intent))))


def _total(currency: str, lines: Sequence[SpendLine]) -> SpendTotal:
    own = [line for line in lines if line.currency == currency]
    amounts = {
        name: sum((getattr(line, name) for line in own), Decimal(0)) for name in ("reserved", "spent", "rejected")
    }
    return SpendTotal(currency, sum(line.submits for line in own), sum(line.clips for line in own), **amounts)


def ways_out(render: Render, look_for: str) -> Iterator[str]:
    """Ways out of a parked or refused render for a person, with their cost; `look_for` is where the job is found."""
    if was_rejected(render):
        if refused_speech(render):
            yield (
                f"its words are right: greenroom renders accept {render.id[:12]} (keeps this speech; the next "
                "`greenroom warm` orders its film)"
            )
        elif refused_words(render):
            yield f"its words are right: greenroom renders accept {render.id[:12]} (orders nothing)"
        costs = "speaks it anew, and costs a new order" if refused_words(render) else "costs a new order"
        yield f"render it once more: greenroom renders retry {render.id[:12]} --yes ({costs})"
    if render.state is not RenderState.PARKED:
        return
    short, aside = render.id[:12], f"{render.reserved.normalize():f} {render.currency}"
    if look_for and render.token:
        yield f"look for: {look_for}".replace("TOKEN", render.token)
    if render.reserved:
        yield f"it is there, and done: greenroom renders adopt {short} REQUEST_ID (orders nothing; books {aside})"
        yield f"it is not there: greenroom renders resolve {short} --never-ordered (frees {aside})"
        yield f"it was not billed: greenroom renders resolve {short} --not-billed (frees {aside})"
        yield f"it was billed, without a clip: greenroom renders resolve {short} --billed AMOUNT (books that)"
    yield f"order it once more: greenroom renders retry {short} --yes (books {aside}, and what the new order costs)"
    yield f"give it up: greenroom renders cancel {short} (books {aside})"


def _resolved(render: Render, billed: Decimal | None, *, ordered: bool, now: datetime) -> Resolve:
    if billed:
        told = f"The provider billed {billed:f} {render.currency} and delivered no clip."
        return Resolve(
            now=now, code=ChargedWithoutClipError.code, message=told, billed=billed.quantize(MICRO, ROUND_UP)
        )
    if ordered:
        told = "The provider's job ended without a clip and was not billed."
        return Resolve(now=now, code=ProviderRefusedError.code, message=told)
    told = "The provider never had the job."
    return Resolve(now=now, code=ProviderUnavailableError.code, message=told, retryable=True)
