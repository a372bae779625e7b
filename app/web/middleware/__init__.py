"""Middleware that decides who is asking, before any route does.

`client_address` puts the visitor's address in the place of a trusted proxy's; `allowed_hosts` refuses names that are
not this computer's while a site is in development; `http_guard` ends connections that take too much, in front of
the parser. Begin with `client_address`.
"""
