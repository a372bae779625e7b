"""Command line: parse, call, present. A file is named like its command.

Begin with `main.py`, where every command has a line; modules load only when their command runs.
`options.py` has the shared options, `output.py` prints for people and programs.
"""
