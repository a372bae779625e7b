"""Settings: typed, from the environment or `.env`, documented in `docs/reference/settings.md`.

Begin with `site.py` for `GREENROOM_*`. `vendors.py` has keys and addresses of other companies' services under
the names that their own tools use; `api_keys.py` reads keys with roles.
"""
