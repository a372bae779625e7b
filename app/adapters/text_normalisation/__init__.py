"""Text normalisation for speech: the finite-state grammars of the `damga` wheel, with own rules before them.

Begin with `normaliser.py`. `rules.py` are the rules of every language, `english.py`, `german.py`, ... those of one;
`words.py` has the words that they say.
"""
