"""Learning: what visitors asked, and what nothing answered.

Begin with `turn_log.py`: the port of the log of turns, its memory twin, and one that keeps nothing.
"""
