"""Renderers of other companies: one file a provider, one base class, facts as data.

Begin with `base.py`, then `registry.py`: a new provider is a line there. `facts.toml` holds limits and prices
with their sources; `docs/contributing/` has the whole recipe.
"""
