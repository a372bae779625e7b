"""Questions in SQL: filters of turns, groups by meaning, and the states that authors give them.

Begin with `book.py`, which implements the port. What it counts are columns of turns: `segments.py` stores them, and
`stored_columns.py` keeps them in memory from page to page. `filters.py` makes conditions of a query, `counting.py`
reads the words and states of what a page of groups shows.
"""
