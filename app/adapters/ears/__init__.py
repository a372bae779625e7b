"""Ears: the recogniser that hears clips back, the extra `ears`.

Begin with `whisper.py`: Whisper base out of two wheels. Nothing is loaded before the first sound, nothing is fetched.
Without the extra the gate hears nothing.
"""
