"""Conversation: one visitor's session, from first frame to last.

Begin with `session.py`, a pure machine: a message or a timer in, actions out. `ladder.py` plays what there is
until the answer is there; `driver.py` carries actions out; `hub.py` holds this node's live sessions;
`ports.py` says what it all needs from the world.
"""
