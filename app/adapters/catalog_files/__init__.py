"""Catalog folders: YAML, Markdown, portraits and recordings to one validated catalog.

Begin with `loader.py`. `strict_yaml.py` is the small safe part of YAML that authors may use, `tree.py` keeps
paths under the root, `archive.py` packs a folder for a release, `candidate.py` is a folder written first and
moved into place whole. `imports/` reads what other tools export, `records.py` is what we export.
"""
