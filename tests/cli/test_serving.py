"""How the server listens."""

import socket

from app.cli.serve import _listen


def test_frames_leave_at_once():
    """Connections inherit it: without, every frame after an answer's first one waits 40 ms for a receipt."""
    with _listen("127.0.0.1", 0, tries=1) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
