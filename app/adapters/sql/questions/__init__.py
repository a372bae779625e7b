"""Questions in SQL: filters of turns, groups by meaning, and the states that authors give them.

Begin with `book.py`, which implements the port. `filters.py` makes conditions of a query, `counting.py` reads what a
page of groups shows.
"""
