"""Ledger: the truth about paid work. Every queue and message is only a notification to look here.

Begin with `states.py`, the states and arrows of a render; `port.py` is what a database implements,
`memory.py` its twin. `operator.py` is what a person may do; `circuit_breaker.py` keeps work away from a
provider that fails.
"""
