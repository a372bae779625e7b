"""Fitting: thresholds and expected rates from the catalog's own phrases, each held out.

Begin with `thresholds.py`. `held_out.py` makes the trials, `dry_run.py` asks them as a visitor would,
`catalog_tests.py` runs the author's tests, `encoder_tuning.py` judges a tuned encoder.
"""
