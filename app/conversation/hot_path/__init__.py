"""Hot path of an answer: what is prepared once for all visitors, and what is written in batches behind them.

Begin with `prepared.py`. Nothing here changes what a visitor gets, only what it costs: `docs/benchmarks/against.md`.
"""
