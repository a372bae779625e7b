"""Protocol `greenroom.v1`: messages, their parts, codes and limits. All that a client needs.

Begin with `client_messages.py` and `server_messages.py`. AsyncAPI and the reference page are made from them.
"""
