"""Disk store: recipes and blobs as files of one folder.

Begin with `layout.py`, which says where each file lies. `files.py` is the discipline of every write:
temporary file, fsync, create if absent. `checksummed.py` is a small file with its own digest.
"""
