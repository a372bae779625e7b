"""Words of a render: what a generated answer's row says of the visitor, and the row without it."""

from dataclasses import replace

from app.rendering.ledger.states import OPEN, Render


def has_words(render: Render) -> bool:
    """Return whether the row has words of a generated answer, or a reason, which may quote them."""
    return render.labels.generated and (render.labels.text is not None or render.error is not None)


def to_be_ended(render: Render) -> bool:
    """Return whether an eraser deals with a row: a generated answer that has words or is still worked on."""
    return has_words(render) or (render.labels.generated and render.state in OPEN)


def wordless(render: Render) -> Render:
    """Return the render without words and reason; state, ids and money stay."""
    return replace(render, labels=render.labels.without_words(), error=None)
