"""Reading: what a question says, before its meaning is compared.

Begin with `machine_talk.py`, which finds sentences that give orders to the machine instead of asking.
"""
