"""Commands of the clip store: `greenroom store`.

Begin with `store.py`: stats, verify and copy. `gc.py` deletes what nothing refers to; it alone reads the releases, and
is loaded for itself.
"""
