"""API keys with roles for the HTTP routes. Only digests are stored; a key is shown once, when it is made."""

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
"""Name of the key of `GREENROOM_API_KEY` in the audit log; it has no name of its own."""


LEAST_CHARS = 32
_LEAST_KINDS = 10
"""Of 64 random hexadecimal digits fewer than ten kinds come up once in two million times."""


class KeyRole(StrEnum):
    """Role of a key; each has the rights of the ones before it."""

    VIEWER = "viewer"
    """Sees the catalog and the releases; tries questions."""
    AUTHOR = "author"
    """Reads what visitors asked."""
    PUBLISHER = "publisher"
    """Changes what visitors get."""
    OPERATOR = "operator"
    """Has all rights, also to the audit log."""

    def may(self, needed: "KeyRole") -> bool:
        """Return whether this role is the needed one or above it."""
        order = list(KeyRole)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Stored form of a key: the sha256 of its text."""

    name: str
    role: KeyRole
    digest: Digest

    @property
    def id(self) -> str:
        """Short id: differs for two keys of one name, and does not reveal the key."""
        return digest_bytes(self.digest.encode())[:8]

    @property
    def line(self) -> str:
        """Entry in `GREENROOM_API_KEYS`."""
        return f"{self.name} {self.role} {self.digest}"


def new_key(name: str, role: KeyRole) -> tuple[str, ApiKey]:
    """Make a random key; return it and its stored form.

    Raises:
        SettingsError: the name is not valid.
    """
    key = f"gr_{secrets.token_urlsafe(32)}"
    return key, _checked(name, role, digest_bytes(key.encode()))


def read_keys(text: str) -> tuple[ApiKey, ...]:
    """Read the keys of `GREENROOM_API_KEYS`: `name role digest`, separated by lines, commas or semicolons.

    Raises:
        SettingsError: an entry is malformed, or a name or digest occurs twice; no digest is in the message.
    """
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    lines = [entry.split() for entry in _BETWEEN.split(plain) if entry.strip()]
    keys = tuple(_read(words, number) for number, words in enumerate(lines, start=1))
    for kind, values in (("name", [key.name for key in keys]), ("key", [key.digest for key in keys])):
        if any(count > 1 for count in Counter(values).values()):
            raise SettingsError(f"Expected every {kind} in GREENROOM_API_KEYS once, got one twice.")
    return keys


def one_key(key: str) -> tuple[ApiKey, ...]:
    """The key of `GREENROOM_API_KEY`, with the role operator; none if it is empty."""
    return (ApiKey(ONE_KEY, KeyRole.OPERATOR, digest_bytes(key.encode())),) if key else ()


def weakness(secret: str) -> str:
    """Return why a secret can be guessed; empty if it cannot: 32 characters, ten different ones, no repetition."""
    if len(secret) < LEAST_CHARS:
        return f"must have at least {LEAST_CHARS} characters in production"
    if len(set(secret)) < _LEAST_KINDS or secret in (secret + secret)[1:-1]:
        return "must be random in production; this one repeats itself"
    return ""


def find_key(keys: Sequence[ApiKey], shown: str) -> ApiKey | None:
    """Find the entry of a key. All entries are compared in full, so that the time reveals nothing."""
    digest = digest_bytes(shown.encode())
    found = [key for key in keys if hmac.compare_digest(key.digest, digest)]
    return found[0] if found else None


def audit_identity(key: ApiKey) -> str:
    """Identity of a key in the audit log, to show that a key was replaced: role and id.

    A person may have chosen `GREENROOM_API_KEY`: its id is slow to compute, so that guessing it from the log
    is slow.
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
