"""The control plane: the one database of the whole house. ``database`` opens it."""
