"""Webhooks: a tenant's own programs are told of what ended, signed and until they have heard it."""
