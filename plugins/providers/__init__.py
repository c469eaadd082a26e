"""First-party asset providers."""
