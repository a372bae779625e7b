"""Media tools on PyAV and Pillow: probe, poster, mark of synthetic origin, concatenation.

Begin with `pyav.py`. `concat.py` joins the parts of an answer that was too long for one clip.
"""
