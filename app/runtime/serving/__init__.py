"""Serving: one node with its releases, sessions, metrics and clean-up.

Begin with `container.py`: the parts of a server. `release_follower.py` watches which release is current,
`served_release.py` puts one together; `retention.py` deletes expired data; `metrics.py` counts.
"""
