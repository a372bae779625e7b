"""Rejections: after a clip that the quality gate refused, one more paid try, then a person decides.

The number of refusals in a row is carried from render to render in the labels.
"""

from collections.abc import Iterable
from datetime import datetime

from app.digest import Digest
from app.errors import ClipRejectedError
from app.rendering.ledger.port import Ledger, RenderRequest
from app.rendering.ledger.records import REJECTED_CODES
from app.rendering.ledger.states import Render, RenderState
from app.store.labels import Labels

MAX_REJECTED = 1
"""Number of refused clips of a recipe after which another paid try is made. Not for free ones: they come out
alike."""


def was_rejected(render: Render) -> bool:
    """Return whether the render ended with a delivered clip that was refused."""
    return render.state is RenderState.FAILED and render.error_code in REJECTED_CODES


def rejections(latest: Render | None) -> int:
    """Return the number of refusals in a row, up to this render of the recipe."""
    if latest is None or latest.state is RenderState.READY:
        return 0
    return latest.labels.rejected + was_rejected(latest)


def labels_after(latest: Render | None, labels: Labels, *, most: int = MAX_REJECTED) -> Labels:
    """Return the labels of the recipe's next render.

    Raises:
        ClipRejectedError: it was refused so often that only a person may have it tried again.
    """
    count = rejections(latest)
    if latest is None or not count:
        return labels
    if was_rejected(latest) and (count > most or not latest.spent):
        raise ClipRejectedError(
            f"{latest.error} To render it again, use `greenroom renders retry {latest.id[:12]} --yes` or "
            "`greenroom warm --retry-rejected`."
        )
    return labels.with_rejected(count)


async def film_again(ledger: Ledger, rejected: Render, *, now: datetime) -> Render:
    """Create a new render after a refused one, by a person's decision; the count begins anew."""
    labels = rejected.labels.with_rejected(0)
    request = RenderRequest(rejected.recipe_key, rejected.provider, rejected.model, labels, rejected.currency)
    return await ledger.want(request, now=now)


async def film_all_again(ledger: Ledger, keys: Iterable[Digest], *, now: datetime) -> int:
    """Create new renders for those of these recipes whose last clip was refused; return how many."""
    latest = [await ledger.latest(key) for key in keys]
    refused = [render for render in latest if render is not None and was_rejected(render)]
    for render in refused:
        await film_again(ledger, render, now=now)
    return len(refused)
