"""Page around a conversation: its context, its functions, its forms, its people.

Begin with `requests.py`. Imports are from its modules; this file re-exports nothing.
"""
