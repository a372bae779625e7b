"""Answers: what an author does about a question, from preview to file; command line, routes and pages share it.

Begin with `editor.py`: every action is a list of edits that it previews or writes.
"""
