"""Rendering: an answer becomes a clip, paid for once.

Begin with `work/studio.py`, which has a clip made, then `ledger/states.py`, the paid attempt as a state
machine. `plan/` says which clips, by whom, at what price; `media/` makes, checks and stores them; `ports.py`
is what providers and media tools implement.
"""
