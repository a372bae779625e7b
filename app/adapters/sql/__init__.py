"""SQL: ledger, sessions, turns, releases and audit log, on SQLite and PostgreSQL.

Begin with `tables.py` for the rows and `ledger.py` for the money. `engine.py` opens a database, `migrate.py`
brings it up to date, `retry.py` waits for one that is away, `clock.py` reads the time that all nodes share.
"""
