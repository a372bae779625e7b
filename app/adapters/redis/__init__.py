"""Redis: notifications between nodes, rate limits counted by all, the queue of render tasks.

Begin with `connection.py`. `pubsub.py` carries notifications, `limits.py` counts, `task_queue.py` is taskiq's
broker. Redis holds nothing that must not be lost: the truth is in SQL.
"""
