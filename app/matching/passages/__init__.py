"""Passages: which sentence of the documents answers a question, if one does.

Begin with `ranking.py`. Vectors and words propose sentences; `checks.py` says of each whether it answers, as the
guards do for intents, and `kinds.py` what kind of answer a question asks for.
"""
