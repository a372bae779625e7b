"""Lint rules by subject: each takes the catalog and yields findings.

Begin with `phrases.py`. `context.py` is what every rule is given. `../lint.py` lists the rules.
"""
