"""Webhooks of providers in SQL: what comes at the same moment is looked up, and stored, in one transaction.

Imports are from its modules; this file re-exports nothing.
"""
