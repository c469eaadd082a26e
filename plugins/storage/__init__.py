"""First-party storage backends."""
