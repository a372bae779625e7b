"""Traces of sessions in SQL.

Imports are from its modules; this file re-exports nothing.
"""
