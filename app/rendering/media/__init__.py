"""Media steps of one recipe: consent, speech, preflight, quality gate, captions, storage.

Begin with `pipeline.py`, which has them in order. `quality_gate.py` holds the rules for a delivered clip,
`preflight.py` those before anything is paid, `speech_cache.py` the voice under a recipe of its own.
"""
