"""Jobs: what tenants have done for them in the background, fairly, and through whatever kills who does it."""
