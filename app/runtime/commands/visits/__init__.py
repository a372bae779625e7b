"""Visits: what an operator does with one visitor's session.

Imports are from its modules; this file re-exports nothing.
"""
