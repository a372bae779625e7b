"""Turns: questions that only the turn before explains, and replies that are no question.

Begin with `previous.py`, what is known of the turn before. `subject.py` says whether a question leans on it and
what it is about then, `follow_up.py` rules on such a question, `rejoinders.py` knows "ok", "yes" and the like.
"""
