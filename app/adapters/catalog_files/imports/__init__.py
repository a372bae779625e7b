"""Imports: files of other tools, read within limits and handed to the mappings of `app/catalog/imports/`.

Begin with `recognise.py`, which says what an export is. `source.py` keeps limits on folders and archives,
`text.py` finds out how a text was saved, `workbook.py` reads XLSX.
"""
