"""Where master keys come from."""
