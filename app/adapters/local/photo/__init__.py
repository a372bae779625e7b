"""Photo painter: a front-facing portrait that speaks, blinks and moves, by dense warps.

Begin with `painter.py`. `geometry.py` fits the face points and warps; `lips.py` and `mouth.py` open the
mouth. No trained weights are involved.
"""
