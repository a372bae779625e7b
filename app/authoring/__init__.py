"""Authoring: changes of a catalog's folder, and what they do, before a visitor sees them.

`releases/` compares a folder with what is served, merges what two authors did, and holds back what is not
published yet. The files themselves are read and written in `app/adapters/catalog_files/`.
"""
