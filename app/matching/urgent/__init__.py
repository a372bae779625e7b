"""Urgent questions: need that is heard before anything else, by a small grammar of who, what state, which help.

Begin with `alarm.py`, which says what the matcher gets. `hearing.py` cuts a question into clauses and spells them in
one way; `grammar.py` reads a clause by the patterns in `../data/urgent_en.toml` and its neighbours.
"""
