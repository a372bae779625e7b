"""Letter of a week: what was asked, who was helped, what is new, disliked and stale, what was spent and avoided.

Begin with `letter.py`, the value and who collects it; `markdown.py` and `page.py` write it down.
"""
