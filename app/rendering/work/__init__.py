"""Work: carries renders out, once each, in any number of processes.

Begin with `studio.py`, then `failover.py` (lease and chain of renderers), `attempt.py` (one attempt of one
worker), `polling.py` (until the job is over) and `reconciler.py` (after a crash). `notifications.py` ends
waits early; `remote.py` gives work to other computers; `warm.py` carries out a whole plan.
"""
