"""Commands about releases: `release` and `diff`.

`release.py` has the group, `drafts.py` its commands about what waits, `diff.py` the comparison of a folder with
what is served, `checkout.py` the files of a release or draft in a folder; `shown.py` prints what they share.
"""
