"""Words in the rows of renders: rows of films that are to be gone have none, also those that are written later."""

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.audit import add_act
from app.adapters.sql.erasing.tables import GoneFilmRow
from app.adapters.sql.erasing.traces import join_writers
from app.adapters.sql.renders import RENDERS, render_of, values_of
from app.audit import SYSTEM, Act
from app.conversation.erasing.traces import erased_session
from app.rendering.ledger.port import RenderRequest
from app.rendering.ledger.states import BeginSubmit, Claim, Event, Render, RenderState
from app.rendering.ledger.words import to_be_ended, wordless

_GONE: Table = GoneFilmRow.__table__  # type: ignore[attr-defined]
_MANY = 500
_NOT_ORDERED = frozenset({RenderState.WANTED, RenderState.LEASED})


async def raise_if_gone(connection: AsyncConnection, render: Render, event: Event) -> None:
    """Refuse work on a generated film that is to be gone: nothing is spoken or ordered for an erased session.

    On PostgreSQL nobody is erased before the transaction ends.

    Raises:
        SessionNotFoundError: its film is to be gone.
    """
    begins = render.state in _NOT_ORDERED and isinstance(event, Claim | BeginSubmit)
    if begins and render.labels.generated and await _is_gone(connection, render.recipe_key):
        raise erased_session()


async def _is_gone(connection: AsyncConnection, recipe_key: str) -> bool:
    await join_writers(connection)
    return (await connection.execute(select(_GONE.c.key).where(_GONE.c.key == recipe_key))).first() is not None


async def insert_render(connection: AsyncConnection, request: RenderRequest, now: datetime, actor: str) -> Render:
    """Insert the render of a request, without words if its film is to be gone."""
    render = request.begun(uuid4().hex, now)
    if render.labels.generated and await _is_gone(connection, render.recipe_key):
        render = wordless(render)
    await connection.execute(insert(RENDERS), values_of(render))
    if actor != SYSTEM:  # a person has a refused clip rendered again, or takes it as it is
        action = "render.adopted" if request.brought else "render.retried"
        await add_act(connection, Act(now, actor, action, render.id, {"provider": render.provider}))
    return render


async def forget_words_in(connection: AsyncConnection, recipe_keys: Collection[str]) -> tuple[Render, ...]:
    """Lock the rows of these recipes and delete their words; return those that had some or are open, as they were."""
    keys, found = sorted(recipe_keys), list[Render]()
    for start in range(0, len(keys), _MANY):
        mine = select(RENDERS).where(RENDERS.c.recipe_key.in_(keys[start : start + _MANY])).order_by(RENDERS.c.id)
        rows = (await connection.execute(mine.with_for_update())).mappings()
        found += [render for row in rows if to_be_ended(render := render_of(row))]
    for render in found:
        bare = wordless(render)
        changed = {"labels": bare.labels.to_json(), "error": None}
        await connection.execute(update(RENDERS).where(RENDERS.c.id == render.id).values(**changed))
    return tuple(found)
