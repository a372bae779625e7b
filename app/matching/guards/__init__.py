"""Guards: checks on words for what vectors do not show, such as negation, numbers, dates, names and places.

Begin with `chain.py`, which lists them and runs one after the other. A guard can only stop an answer, never
give one.
"""
