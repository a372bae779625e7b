"""Simulators: stand-ins for every provider on loopback, true to the wire, with faults on request.

Begin with `server.py`. `vendors/` has one file or folder a provider; `jobs.py` and `faults.py` are how jobs
run and fail; `webhook_sender.py` signs as the provider does; tests look inside
through `control_api.py`.
"""
