"""Object storage: the store on S3 and what speaks its protocol, through obstore.

Begin with `bucket.py`, the few operations that the rest is built on. `layout.py` names the objects as the
disk store names its files, so that a folder and a bucket can be copied into each other.
"""
