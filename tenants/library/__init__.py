"""The library: a tenant's media, from the first byte of an upload to what timelines are made of."""
