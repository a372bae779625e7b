"""Words too long for one clip, cut at sentence ends."""

from app.catalog.speaking import FILLED, estimate_seconds, sentences


def pieces_of(text: str, *, longest_s: float, speed: float) -> tuple[str, ...]:
    """The text whole, or as few pieces of whole sentences as fit; nothing where a single sentence does not."""
    if estimate_seconds(text, speed) <= longest_s:
        return (text,)
    most_s, pieces = FILLED * longest_s, [""]
    for sentence in sentences(text):
        if estimate_seconds(sentence, speed) > most_s:
            return ()
        longer = f"{pieces[-1]} {sentence}".strip()
        if estimate_seconds(longer, speed) <= most_s:
            pieces[-1] = longer
        else:
            pieces.append(sentence)
    return tuple(pieces)
