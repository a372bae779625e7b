"""Mix: how much of what visitors ask the catalog answers, and the policy that keeps the promise then.

Begin with `refit.py`. `trials.py` has the held-out questions of the fit and compares their scores with the traffic's,
`labels.py` learns from plays that somebody judged, `limits.py` sets the thresholds and draws the curve over all mixes.
"""
