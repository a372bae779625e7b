"""Simulated providers: each accepts what the real one accepts and refuses what it refuses.

Begin with any of them beside its page in `docs/reference/providers/`. `../vendor.py` is what they share.
"""
