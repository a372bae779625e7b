"""Ledger: the truth about paid work. Every queue and message is only a notification to look here.

Begin with `states.py`, the states and transitions of a render; `port.py` is the port, `memory.py` the ledger
in memory. `operator.py` has the actions of a person; `circuit_breaker.py` keeps work away from a failing
provider.
"""
