"""Simulators: stand-ins for every provider on loopback, true to the wire, with faults on request.

Begin with `server.py`. `vendors/` has one file or folder a provider; `jobs.py` and `faults.py` say how jobs
go and go wrong; `webhook_sender.py` signs as the provider does; `control_api.py` is how tests look inside.
"""
