"""Guards: checks that vectors are blind to, such as negation, numbers, dates, names and places.

Begin with `chain.py`, which lists them and asks one after the other. A guard can only stop an answer, never
give one.
"""
