"""Reading: what a question says, before its meaning is compared.

Begin with `reader.py`, which spells chat forms out and mends typing slips towards the catalog's own words.
`machine_talk.py` finds sentences that give orders to the machine instead of asking.
"""
