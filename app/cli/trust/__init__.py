"""Commands for trust: who may do what, who did it, whose face it is, and where a clip comes from.

`keys.py` makes keys with roles, `audit.py` reads the log of actions, `consent.py` withdraws a face,
`provenance.py` verifies the Content Credentials of clips. Begin with `provenance.py`.
"""
