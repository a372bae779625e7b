"""Receipt of an erasing: what went, by kind and count, and what is left; no word and no id of the visitor."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

LEFT = (
    "Money rows stay for the accounts: amounts, providers and times, under a pseudonym.",
    "Backups and logs are the operator's: what is in them ends with their own time.",
    "What the site's own webhook has taken, forms and transcripts, is the site's to delete.",
)


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """Receipt for a visitor and for an operator's records. `session` is a digest, as in the audit log."""

    session: str
    at: datetime
    erased: Mapping[str, int] = field(default_factory=Counter)
    copies_deleted: Mapping[str, int] = field(default_factory=Counter)
    copies_left: Mapping[str, int] = field(default_factory=Counter)
    """Videos at providers that cannot delete them by an address, or did not: ask the provider."""

    def with_row(self, frames: int | None) -> "ErasureReceipt":
        """Return the receipt with the session's own row, deleted with so many frames; None: there was no row."""
        if frames is None:
            return self
        return replace(self, erased=Counter(self.erased) + Counter(session=1, frames=frames))

    def document(self) -> dict[str, Any]:
        """Return the receipt as JSON; kinds of which nothing went are left out."""
        return {
            "session": self.session,
            "erased_at": self.at.isoformat(),
            "erased": {kind: count for kind, count in sorted(self.erased.items()) if count},
            "vendor_copies": {"deleted": dict(self.copies_deleted), "left": dict(self.copies_left)},
            "left": list(LEFT),
        }
