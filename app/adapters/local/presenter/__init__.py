"""Presenter painter: a drawn face as SVG, one part a file, a pose in and a frame out.

Begin with `compositor.py`, which puts the parts together and rasterises them. `palettes.py` has the colours;
`svg.py` is the drawing vocabulary.
"""
