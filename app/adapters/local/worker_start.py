"""What a worker process does before anything else: one thread, deaf to Ctrl-C, and gone when its parent is."""

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait

_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def start_worker() -> None:
    """Run once in each new worker. Imports nothing heavy, so that the thread limits are set in time."""
    for name in _THREAD_LIMITS:
        os.environ[name] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    threading.Thread(target=_leave_with_parent, name="parent-watch", daemon=True).start()


def _leave_with_parent() -> None:
    """A killed parent cannot say goodbye, but its end of the pipe closes."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
