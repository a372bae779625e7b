"""Disk errors: a full disk apart from every other refusal."""

import errno

from app.errors import StoreError, StoreFullError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def disk_error(error: OSError) -> StoreError:
    """Return an operating system's error as a `StoreError`, or as `StoreFullError` when the disk is full."""
    if error.errno in _FULL:
        return StoreFullError(
            f"Cannot write to the store: its disk is full ({error}); free space or move the cache, then repeat."
        )
    return StoreError(f"Cannot use the store's disk: {error}. Look at the disk and its rights.")


def raise_if_full(error: BaseException) -> None:
    """Raise if the disk is full, so that this is never taken for a file that cannot be read.

    Raises:
        StoreFullError: the disk is full.
    """
    if isinstance(error, OSError) and error.errno in _FULL:
        raise disk_error(error) from error
