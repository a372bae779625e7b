"""Hearing a clip back: its words as a recogniser hears them beside those that were to be said.

`words.py` makes both sides comparable, `number_words.py` and `vocabulary.py` are the languages, `comparison.py` finds
what was heard otherwise, `rules.py` says which of it refuses a clip, and `ear.py` listens.
"""
