"""Commands about what visitors asked.

Begin with `questions.py`, the command `greenroom questions`; `showing.py` prints groups and transcripts.
"""
