"""Encoders: sentences to vectors of length 1.

Begin with `sentence_transformer.py`, the model that serves. `int8.py` is the same model quantised,
`vector_cache.py` keeps what was encoded, `fine_tuning.py` and `frozen_layers.py` teach a model one catalog.
"""
