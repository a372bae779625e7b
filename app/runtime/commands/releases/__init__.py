"""Releases, as an author makes them: command line, routes and Studio call these functions.

`publishing.py` has what they all need, `folder.py` the folder and its base, `publish.py` the publication itself,
`diff.py` what a folder changes, `drafts.py` what waits for an approval or a time.
"""
