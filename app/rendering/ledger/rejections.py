"""What becomes of clips that the quality gate refused: one more paid try, then none without a person's word.

How often a recipe was refused in a row is carried from render to render among its labels.
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
"""How many refused clips of one recipe are followed by another paid try; a free one would only be the same again."""


def was_rejected(render: Render) -> bool:
    """Whether it ended with a delivered clip that was refused."""
    return render.state is RenderState.FAILED and render.error_code in REJECTED_CODES


def rejections(latest: Render | None) -> int:
    """How often the recipe was refused, in a row, up to this render of it."""
    if latest is None or latest.state is RenderState.READY:
        return 0
    return latest.labels.rejected + was_rejected(latest)


def labels_after(latest: Render | None, labels: Labels, *, most: int = MAX_REJECTED) -> Labels:
    """The labels of the recipe's next render.

    Raises:
        ClipRejectedError: it was refused so often that only a person may say that it is tried again.
    """
    count = rejections(latest)
    if latest is None or not count:
        return labels
    if was_rejected(latest) and (count > most or not latest.spent):
        raise ClipRejectedError(
            f"{latest.error} Nobody films it again before you say so: `greenroom renders retry {latest.id[:12]} --yes` "
            "or `greenroom warm --retry-rejected`."
        )
    return labels.with_rejected(count)


async def film_again(ledger: Ledger, rejected: Render, *, now: datetime) -> Render:
    """A fresh render of a refused one's recipe, on a person's word; the count begins anew, what was paid stays paid."""
    labels = rejected.labels.with_rejected(0)
    request = RenderRequest(rejected.recipe_key, rejected.provider, rejected.model, labels, rejected.currency)
    return await ledger.want(request, now=now)


async def film_all_again(ledger: Ledger, keys: Iterable[Digest], *, now: datetime) -> int:
    """The same for every one of these recipes whose last clip was refused; returns how many."""
    latest = [await ledger.latest(key) for key in keys]
    refused = [render for render in latest if render is not None and was_rejected(render)]
    for render in refused:
        await film_again(ledger, render, now=now)
    return len(refused)
