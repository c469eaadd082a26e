"""Egress: the one guarded client of all outgoing requests. Nothing of ours reaches another machine in another way."""
