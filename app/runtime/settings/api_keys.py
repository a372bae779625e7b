"""Keys with roles: who may do what over HTTP. Only digests are kept; a key is shown once, when it is made."""

import hashlib
import hmac
import re
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.digest import Digest, digest_bytes
from app.errors import DigestError, SettingsError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,59}")
_BETWEEN = re.compile(r"[\n;,]")

ONE_KEY = "api key"
"""What the audit log calls the key of `GREENROOM_API_KEY`, which has no name of its own."""


class KeyRole(StrEnum):
    """What a key may do; each may also do what those before it may."""

    VIEWER = "viewer"
    """Sees the catalog and what was published; tries questions."""
    AUTHOR = "author"
    """Reads what visitors asked."""
    PUBLISHER = "publisher"
    """Changes what visitors get."""
    OPERATOR = "operator"
    """Everything, the audit log included."""

    def may(self, needed: "KeyRole") -> bool:
        """Whether this role is the needed one or above it."""
        order = list(KeyRole)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: by the sha256 of its text."""

    name: str
    role: KeyRole
    digest: Digest

    @property
    def id(self) -> str:
        """Tells two keys of one name apart, and neither key from it."""
        return digest_bytes(self.digest.encode())[:8]

    @property
    def line(self) -> str:
        """As it stands in `GREENROOM_API_KEYS`."""
        return f"{self.name} {self.role} {self.digest}"


def new_key(name: str, role: KeyRole) -> tuple[str, ApiKey]:
    """A key that nobody can guess, and what to keep of it.

    Raises:
        SettingsError: the name is not one.
    """
    key = f"gr_{secrets.token_urlsafe(32)}"
    return key, _checked(name, role, digest_bytes(key.encode()))


def read_keys(text: str) -> tuple[ApiKey, ...]:
    """The keys of `GREENROOM_API_KEYS`: `name role digest`, one a line, or separated by commas or semicolons.

    Raises:
        SettingsError: one is malformed, or a name or digest stands there twice; no digest is in the message.
    """
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    lines = [entry.split() for entry in _BETWEEN.split(plain) if entry.strip()]
    keys = tuple(_read(words, number) for number, words in enumerate(lines, start=1))
    for kind, values in (("name", [key.name for key in keys]), ("key", [key.digest for key in keys])):
        if any(count > 1 for count in Counter(values).values()):
            raise SettingsError(f"Expected every {kind} in GREENROOM_API_KEYS once, got one twice.")
    return keys


def one_key(key: str) -> tuple[ApiKey, ...]:
    """The key of `GREENROOM_API_KEY`, which may do everything; none where it is empty."""
    return (ApiKey(ONE_KEY, KeyRole.OPERATOR, digest_bytes(key.encode())),) if key else ()


def find_key(keys: Sequence[ApiKey], shown: str) -> ApiKey | None:
    """Whose key it is; every one is compared to its end, whichever it is."""
    digest = digest_bytes(shown.encode())
    found = [key for key in keys if hmac.compare_digest(key.digest, digest)]
    return found[0] if found else None


def told_apart(key: ApiKey) -> str:
    """What the audit log keeps of a key, to show that it is another one: role and id.

    People may have chosen `GREENROOM_API_KEY`: its id costs whoever guesses it from the log a while for each guess.
    """
    if key.name != ONE_KEY:
        return f"{key.role} {key.id}"
    slow = hashlib.scrypt(key.digest.encode(), salt=b"greenroom", n=2**14, r=8, p=1, dklen=4)
    return f"{key.role} {slow.hex()}"


def _read(words: list[str], number: int) -> ApiKey:
    if len(words) != 3 or words[1] not in set(KeyRole):
        roles = ", ".join(KeyRole)
        raise SettingsError(
            f"Expected `name role digest` with a role of {roles}, got something else in entry {number} of "
            "GREENROOM_API_KEYS; `greenroom keys new` makes one."
        )
    try:
        return _checked(words[0], KeyRole(words[1]), Digest(words[2]))
    except DigestError:
        raise SettingsError(
            f"Expected a sha256 of 64 digits for `{words[0][:60]}` in GREENROOM_API_KEYS, got something else; the key "
            "itself does not belong there."
        ) from None


def _checked(name: str, role: KeyRole, digest: Digest) -> ApiKey:
    if not _NAME.fullmatch(name):
        raise SettingsError(f"Expected a name of letters, digits and `._@+-`, up to 60, got {name[:60]!r}.")
    return ApiKey(name, role, digest)
