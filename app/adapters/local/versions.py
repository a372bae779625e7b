"""Versions of what is made on this computer; the first two enter recipe keys.

Raise RENDERER_VERSION with any change that moves a pixel or a sample of a finished clip (drawing, motion,
mouth shapes, lead-in, encoder settings), VOICE_VERSION with any that changes sound or times (graph, lag,
trim, loudness). A raised version renders all clips anew; a forgotten one leaves old clips beside new ones.
"""

RENDERER_VERSION = "local-4"
VOICE_VERSION = "hibari-0.2.1/1"
CONVERTER_VERSION = "1"
"""Part of a converted face graph's file name; raise it with any change of the converter's output."""
