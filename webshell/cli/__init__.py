"""The command `reelhouse`: one module a group of commands."""
