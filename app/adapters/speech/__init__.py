"""Speech providers: words to sound with word times.

Begin with `base.py`, what all of them share. `recorded.py` plays an author's own recording; `word_times.py`
turns a provider's character times into words.
"""
