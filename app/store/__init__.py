"""Store: what was asked (recipes) and which bytes it led to (blobs, by their own sha256).

Begin with `recipes.py` for the recipe key and `ports.py` for what a back end implements; `memory.py` is its
twin. `gc.py` decides what may go, `maintenance.py` counts and verifies, `copy.py` moves a store.
"""
