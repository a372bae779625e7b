"""Runtime: settings to objects, and what keeps a site going. The only room that knows everything.

Begin with `wiring/site.py`: `open_site(settings)` is the one way to open a site. `serving/` is a node that
serves visitors, `commands/` what the command line carries out.
"""
