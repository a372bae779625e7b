"""Conversation: one visitor's session, from first frame to last.

Begin with `session.py`, a pure state machine: a message or a timer in, actions out. `ladder.py` takes a
question to its answer, step by step; `driver.py` carries the actions out; `hub.py` holds this node's live
sessions; `ports.py` declares the ports to the outside.
"""
