"""Questions that visitors ask aloud, heard by this server.

Begin with `recognition.py`: the port of a recogniser, and the queue that bounds how many sounds are heard at once.
`sound.py` reads what a browser sends. Nothing of either is kept.
"""
