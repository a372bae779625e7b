"""Commands: what the command line carries out, without a word about terminals.

A file is named like its command in `app/cli`, which parses, calls and presents. Begin with `plan.py`.
"""
