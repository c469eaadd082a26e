"""Plugin sets: which plugins a tenant uses, with which configuration, and how they fare for it."""
