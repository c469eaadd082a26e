"""API keys of a tenant, in its vault: kept, proven, used. A secret goes in and never comes out, but to make a call."""
