"""Questions: what visitors asked, filtered, grouped by meaning, and what authors have done about it.

Begin with `query.py`, the filters of every list, and `groups.py`, the port of groups and their states. `identity.py`
says which wordings are one question, `masking.py` hides what is personal, `grouping.py` puts questions of one meaning
together; `columns.py`, `known_questions.py` and `counts.py` count a million turns; `memory_book.py` is the port in
memory.
"""
