"""Tenants: who may do what, and where their secrets live."""
