"""Media that others made, looked at in a child process with limits before this process decodes them.

Begin with `guard.py`, which asks; `child.py` is the process that answers; `limits.py` is what both know.
"""
