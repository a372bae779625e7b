"""Catalog folders: YAML, Markdown, portraits and recordings to one validated catalog.

Begin with `loader.py`. `strict_yaml.py` is the small safe part of YAML that authors may use, `tree.py` keeps
paths under the root, `archive.py` packs a folder for a release, `importers.py` reads what other tools export.
"""
