"""Web: HTTP routes and the socket, a file a group of routes.

Begin with `app.py`. `chat/socket.py` is the one file that awaits a WebSocket; `auth.py` checks keys and roles;
`problems.py` turns errors into `application/problem+json`; `static/` is the widget.
"""
