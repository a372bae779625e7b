"""Voices in more languages: Kokoro-82M, eight bits a weight, on this computer.

Begin with `packs.py`: which language has which voices, and where their files lie. `fetching.py` brings them here once,
each checked by its digest; `phonemes.py` turns words into the voice's symbols; `voice.py` speaks, with exact times.
"""
