"""Rejections: a clip that the quality gate refused counts as a paid try; past the bound a person decides."""

from collections.abc import Iterable
from datetime import datetime

from app.digest import Digest
from app.errors import ChargedWithoutClipError, ClipRejectedError
from app.rendering.ledger.port import Ledger, PaidTries, RenderRequest
from app.rendering.ledger.records import REJECTED_CODES
from app.rendering.ledger.states import Render, RenderState

PER_CLIP_ATTEMPTS = 2
"""Paid orders of one clip, the first one included, unless `budget.per_clip_attempts` says otherwise."""


HEARD = "to be heard"
"""Part of every message about words that were heard otherwise."""

SPEECH_REFUSED = "The speech was refused"
"""Beginning of the message about a speech whose words were heard otherwise before a film was ordered."""


def was_rejected(render: Render) -> bool:
    """Return whether the render ended with a delivered clip that was refused."""
    return render.state is RenderState.FAILED and render.error_code in REJECTED_CODES


def refused_words(render: Render) -> bool:
    """Return whether the render was refused because of the words that were heard."""
    return was_rejected(render) and HEARD in (render.error or "")


def refused_speech(render: Render) -> bool:
    """Return whether the render's speech was refused before a film was ordered."""
    return refused_words(render) and (render.error or "").startswith(SPEECH_REFUSED)


def needs_word(render: Render) -> bool:
    """Return whether the render ended without a clip in a way after which a person may have to decide."""
    charged = render.state is RenderState.FAILED and render.error_code == ChargedWithoutClipError.code
    return charged or was_rejected(render)


def check_ended(latest: Render, tries: PaidTries, *, per_clip: int) -> None:
    """Check that a clip that was refused, or charged in vain, may be ordered again: within the bound, and of use.

    Raises:
        ClipRejectedError, ChargedWithoutClipError: only a person may have it tried again.
    """
    if not was_rejected(latest):
        retry = f"`greenroom renders retry {latest.id[:12]} --yes` allows one more order."
        raise ChargedWithoutClipError(f"{latest.error} {retry}")
    if tries.exhaust(per_clip) or not latest.spent:
        raise ClipRejectedError(
            f"{latest.error} To render it again, use `greenroom renders retry {latest.id[:12]} --yes` or "
            "`greenroom warm --retry-rejected`."
        )


async def render_again(ledger: Ledger, rejected: Render, *, now: datetime) -> Render:
    """Create a new render after a refused one, by a person's decision: one more submit; what was paid stays.

    What a person said of the refused clip does not hold for the new one. Words that were refused are spoken anew: the
    fault may be in the stored speech.
    """
    labels = rejected.labels.with_rejected(0).without_decision()
    labels = labels.with_new_speech() if refused_words(rejected) else labels
    request = RenderRequest(rejected.recipe_key, rejected.provider, rejected.model, labels, rejected.currency, 1)
    return await ledger.want(request, now=now)


async def render_all_again(ledger: Ledger, keys: Iterable[Digest], *, now: datetime) -> int:
    """Create new renders for those of these recipes whose last clip was refused; return how many."""
    latest = [await ledger.latest(key) for key in keys]
    refused = [render for render in latest if render is not None and was_rejected(render)]
    for render in refused:
        await render_again(ledger, render, now=now)
    return len(refused)
