"""Learning: the log of turns, and the questions that no intent answered.

Begin with `turn_log.py`: the port of the turn log, the log in memory, and one that stores nothing. `traffic.py` reads
the scores of the log, the plays worth judging, and the labels that visitors leave.
"""
