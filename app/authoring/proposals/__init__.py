"""Proposals: phrases that an author might have written, made by grammar and a word list, without a model.

Begin with `pool.py`: all sources together. `choice.py` chooses among them by what each would add.
"""
