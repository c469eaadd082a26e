"""``/admin``: what those who run the house see and do. No vault is opened for any of it."""
