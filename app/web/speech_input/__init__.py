"""Spoken questions over HTTP, where a site switches them on.

Begin with `listen.py`: a page sends a sound and gets its words; it asks them over the socket as if they were typed.
"""
