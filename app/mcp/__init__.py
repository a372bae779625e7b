"""Model Context Protocol: the author's verbs as tools for agents, over the HTTP routes of a running site.

`tools.py` makes a tool of each documented route that an author's key may use; `server.py` lists them and calls
them. Nothing is decided here: roles, checks and the audit log are those of the routes. Begin with `tools.py`.
"""
