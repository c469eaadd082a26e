"""First-party encoders."""
