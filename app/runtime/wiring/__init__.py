"""Wiring: each part of a site made from settings.

Begin with `site.py`, which opens all of them in the right order. Where a name chooses an implementation there
is a table: renderers and voices in `providers.py`, storage by URL scheme in `store_and_encoder.py`.
"""
