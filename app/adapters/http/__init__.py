"""HTTP to providers: one client with limits, retries of reads, and a guard against inner addresses.

Begin with `client.py`, the only module that imports the HTTP library. `public_addresses.py` is the guard
against requests into the own network; `endpoint.py` replaces a provider's address by one of the operator's.
"""
