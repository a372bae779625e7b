"""Encoders: sentences to vectors of length 1.

Begin with `sentence_transformer.py`, the model that serves. `int8.py` is the same model quantised,
`vector_cache.py` stores vectors between starts, `remembering.py` those of the last questions. `fine_tuning.py` and
`frozen_layers.py` train a model on one catalog.
"""
