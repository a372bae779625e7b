"""Inspection of a finished clip: what the quality gate judges by, measured from the file.

Begin with `inspector.py`. `video.py` looks at pictures, `audio.py` listens, `lips.py` compares both,
`face_pose.py` compares the first and last frame with the idle pose.
"""
