"""A disk that has no room left, told from one that refuses for another reason."""

import errno

from app.errors import StoreError, StoreFullError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def disk_error(error: OSError) -> StoreError:
    """What the disk said, as our error."""
    if error.errno in _FULL:
        return StoreFullError(f"The store's disk is full: {error}; free space or move the cache, then repeat.")
    return StoreError(f"The store's disk refused: {error}; look at the disk and its rights.")


def raise_if_full(error: BaseException) -> None:
    """See that a full disk is never taken for a file that cannot be read.

    Raises:
        StoreFullError: the disk is full.
    """
    if isinstance(error, OSError) and error.errno in _FULL:
        raise disk_error(error) from error
