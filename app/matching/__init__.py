"""Matching: one question to one decision with its receipt.

Begin with `matcher.py`. The stages are `lexical.py` (the phrase, word for word), then `embedding_stage.py`
(classifier, calibration, policy, `guards/`). `fit/` computes thresholds ahead of time; nothing here imports
it.
"""
