"""First-party effects, transitions and animations."""
