"""Imports: intents out of other tools' exports, as pure mappings of parsed documents.

One file a format, each with one function from documents to `Gathered`. Begin with `gathered.py`, what they
all fill; `settle.py` makes drafts of it that fit a catalog. Documents are of unknown quality: what does not
look as expected is passed over, and what is understood but has no place here is named.
"""
