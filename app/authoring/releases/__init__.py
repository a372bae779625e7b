"""Releases before they are published: what they change, what they are made from, who agreed.

Begin with `base.py` (the release that a folder was made from) and `merge.py` (two folders that came from one).
`diff.py` holds the report of a change, `drafts.py` what waits for an approval or a time.
"""
