"""Plan: catalog minus store, priced.

Begin with `planner.py`. `clips.py` lists the clips that a catalog needs, `providers.py` selects voice
and renderers, `pricing.py` estimates lengths and prices, and finds what no renderer accepts.
"""
