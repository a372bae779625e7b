"""Media steps of one recipe: consent, speech, preflight, quality gate, captions, storage.

Begin with `pipeline.py`, which runs them in order. `quality_gate.py` has the rules for a delivered clip,
`preflight.py` those before anything is paid, `speech_cache.py` stores speech under a recipe of its own.
"""
