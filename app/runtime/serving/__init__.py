"""Serving: one node with its releases, sessions, metrics and clean-up.

Begin with `container.py`, what a server is made of. `release_follower.py` watches which release is current,
`served_release.py` puts one together; `retention.py` deletes what is past its time; `metrics.py` counts.
"""
