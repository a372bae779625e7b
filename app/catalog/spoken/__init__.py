"""Spoken forms: what a voice reads where figures, signs or abbreviations are written.

Begin with `form.py`, a text with its reading, word by word. `figures.py` reads numbers and finds those that two
readings fit; `lexicon.py` is how names and words are pronounced.
"""
