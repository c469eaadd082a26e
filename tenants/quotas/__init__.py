"""Quotas: what a tenant may use, what it has used, and who is told."""
