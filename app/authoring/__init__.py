"""Authoring: changes of a catalog's folder, and what they do, before a visitor sees them.

`edits.py` has the changes and the port through which files are read and written; `releases/` compares a folder with
what is served, merges what two authors did, and holds back what is not published yet.
"""
