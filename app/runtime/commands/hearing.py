"""Hearing told: which clips are heard back here, for `greenroom plan` and `greenroom doctor`."""

from collections.abc import Iterator

from app.adapters.ears.whisper import is_installed
from app.catalog.model import Catalog
from app.catalog.spoken.figures import language_of
from app.errors import SettingsError
from app.rendering.media.hearing.vocabulary import VOCABULARIES
from app.rendering.plan.planner import Plan
from app.runtime.settings.site import Settings
from app.runtime.wiring.studio import is_heard

INSTALL = "`pip install 'greenroom[ears]'` lets the gate hear them"


async def ears_found(settings: Settings) -> str:
    """Return which clips, and whether visitors are heard here, as a part of the doctor.

    Raises:
        SettingsError: all are to be heard, or visitors are, and the extra is not installed.
    """
    if settings.speech_seats and not is_installed():
        raise SettingsError("GREENROOM_SPEECH_SEATS is not 0, and the extra `ears` is not installed")
    visitors = f"; {settings.speech_seats} visitors at once are heard" if settings.speech_seats else ""
    return hearing_found(settings) + visitors


def hearing_found(settings: Settings) -> str:
    """Return which clips are heard here; see `ears_found`."""
    if settings.listen == "off":
        return "no clip is heard back (GREENROOM_LISTEN=off)"
    if settings.quality_gate == "file":
        return "no clip is heard back (GREENROOM_QUALITY_GATE=file)"
    if not is_installed():
        if settings.listen == "all":
            raise SettingsError("GREENROOM_LISTEN is `all`, and the extra `ears` is not installed")
        return f"paid clips are not heard back; {INSTALL}"
    which = "every clip is" if settings.listen == "all" else "paid clips are"
    return f"{which} heard back by Whisper base, in {', '.join(sorted(VOCABULARIES))}"


def hearing_told(plan: Plan, catalog: Catalog, settings: Settings) -> Iterator[str]:
    """Yield a line for a plan that costs money: whether its clips are heard, and in which locales they are not."""
    if not plan.price:
        return
    if not is_heard(settings):
        yield f"Not heard back: {hearing_found(settings)}."
        return
    deaf = [tag for tag in catalog.locales if language_of(tag) not in VOCABULARIES]
    if deaf:
        yield f"Heard back before they are accepted, except in {', '.join(deaf)}."
