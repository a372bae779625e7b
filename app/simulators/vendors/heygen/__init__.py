"""Simulated HeyGen: videos, assets and registered webhooks.

Begin with `videos.py`.
"""
