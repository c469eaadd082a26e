"""Vaults: each tenant's own encrypted database. ``pool`` opens them, ``scope`` binds one to the running task."""
