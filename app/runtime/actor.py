"""Who sits at the command line."""

import getpass
import socket


def who() -> str:
    """The person at the command line, as the computer knows them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "somebody"
    return f"{name}@{socket.gethostname()}"[:200]
