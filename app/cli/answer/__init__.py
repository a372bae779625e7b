"""Commands `greenroom answer ...`: what an author does about a question.

Begin with `commands.py`: it parses and calls. `shown.py` prints what an edit does.
"""
