"""Studio: the author's pages, made on the server, over the functions that the HTTP routes use.

Begin with `app.py`, which puts the pages together. `sessions.py` signs people in, `access.py` lets a request through
by its cookie, its form's token and its role, `pages.py` fills the templates, and `charts.py` draws. Each other file
is one page of the Studio, or a part that several share.
"""
