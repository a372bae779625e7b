"""Forecast of a site: reads a log of questions or the recorded turns, groups them, and prices what is missing.

`question_log.py` reads files as other tools export them; `forecast.py` decides, groups and prices. The figures
themselves are made in `app/learning/forecast/`. Begin with `forecast.py`.
"""
