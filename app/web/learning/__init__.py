"""Routes of what visitors asked: single questions, groups by meaning, transcripts, and what follows for a catalog.

`questions.py` lists and marks, `forecast.py` says how far the catalog reaches and what the next intents bring.
Begin with `questions.py`.
"""
