"""Deliveries to the site's webhook in SQL: visitors' forms and wishes for a person.

Imports are from its modules; this file re-exports nothing.
"""
