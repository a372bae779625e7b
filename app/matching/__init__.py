"""Matching: one question to one decision with its receipt.

Begin with `matcher.py`. The stages are `lexical.py` (the phrase, word for word), then `embedding_stage.py`
(classifier, calibration, policy, `guards/`). What is worked out ahead of time lies in `fit/`, which nothing
here imports.
"""
