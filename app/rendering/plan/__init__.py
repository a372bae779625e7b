"""Plan: catalog minus store, priced.

Begin with `planner.py`. `clips.py` says which clips a catalog needs, `providers.py` who makes them,
`pricing.py` how long they last, what they cost, and what nobody takes.
"""
