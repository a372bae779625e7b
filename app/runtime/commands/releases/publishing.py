"""Publishing: what every action on releases needs, made once by the command line and once by the server."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.audit import AuditLog
from app.authoring.releases.drafts import Drafts
from app.catalog.releases import Releases
from app.runtime.settings.site import Settings


def _nobody() -> None:
    """Notify no node: each looks for itself within seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """Releases of a site, the folder that becomes the next one, and who is told when it does."""

    settings: Settings
    releases: Releases
    drafts: Drafts
    audit: AuditLog
    now: Callable[[], datetime]
    notify: Callable[[], None] = _nobody

    @property
    def folder(self) -> Path:
        """The catalog's folder."""
        return self.settings.catalog
