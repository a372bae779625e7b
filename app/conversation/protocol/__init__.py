"""Protocol `greenroom.v1`: messages, their parts, close codes and limits.

Begin with `client_messages.py` and `server_messages.py`. AsyncAPI and the reference page are made from these
files.
"""
