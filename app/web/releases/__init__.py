"""Routes about releases: what was published, the folder that is to be, and drafts.

`published.py` lists, publishes and goes back; `folder.py` compares the node's catalog folder with what is
current; `drafts.py` saves, approves and schedules.
"""
