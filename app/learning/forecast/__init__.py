"""Forecast: how far a catalog reaches, what the next intents would bring and cost, and what each intent pays back.

Begin with `coverage.py`: how many groups of questions cover how much of what visitors ask. `frontier.py` puts prices
beside it, `pay_back.py` compares an intent's clips with a live avatar's minutes. All figures are judged on questions
that did not choose them.
"""
