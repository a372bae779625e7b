"""Store: what was asked (recipes) and which bytes it led to (blobs, by their own sha256).

Begin with `recipes.py` for the recipe key and `ports.py` for what a back end implements; `memory.py` is the
in-memory implementation. `gc.py` decides what may be deleted, `maintenance.py` counts and verifies, `copy.py`
copies a store to another.
"""
