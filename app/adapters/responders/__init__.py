"""Responders: words for questions that no intent answers.

Begin with `documents.py`, which quotes the author's documents and needs no key. `chat.py` asks an
OpenAI-compatible model and keeps only what the documents support; `moderation.py` looks at questions and
answers; `second_look.py` says whether a stored answer fits a question.
"""
