"""Simulated Sync.so: generations and assets.

Begin with `generations.py`.
"""
