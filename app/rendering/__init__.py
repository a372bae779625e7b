"""Rendering: an answer becomes a clip, paid for once.

Begin with `work/studio.py`, the entry point, then `ledger/states.py`, the paid attempt as a state machine.
`plan/` decides on clips, renderers and prices; `media/` makes, checks and stores the clips; `ports.py`
declares the ports of providers and media tools.
"""
