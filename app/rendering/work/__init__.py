"""Work: renders carried out, once each, in however many processes.

Begin with `studio.py`, then `failover.py` (lease and chain of renderers), `attempt.py` (one worker's go),
`polling.py` (until the job is over) and `reconciler.py` (what a crash left behind). `notifications.py` wakes
who waits; `remote.py` hands work to other computers; `warm.py` carries out a whole plan.
"""
