"""Erasing: what a session has caused is found, deleted, and told in a receipt.

Imports are from its modules; this file re-exports nothing.
"""
