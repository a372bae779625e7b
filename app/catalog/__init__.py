"""Catalog: what can be said, as one immutable, validated value.

Begin with `model.py`. `lint.py` finds what is wrong, with a rule of `rules/` for each subject; `findings.py`
says where and what to do; `releases.py` is the port for published catalogs; `schema.py` writes the JSON
Schema for editors.
"""
