"""Simulated fal: the queue of jobs and the storage for uploads.

Begin with `queue.py`.
"""
